/** 64 hex digits from the system's random source, as Docker's container and exec ids. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** The first twelve digits, the form that people see. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
