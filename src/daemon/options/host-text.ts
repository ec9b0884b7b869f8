/** @throws Error in Docker's words for a protocol that is none */
export function checkHost(text: string): void {
  const proto = protoOf(text);
  if (!["unix", "tcp", "fd"].includes(proto)) throw new Error(`invalid bind address (${text}): unsupported proto '${proto}'`);
}

/** A host with its protocol: one without is TCP's, and "unix://" alone is the daemon's own socket. */
export function wholeHost(text: string, socket: string): string {
  const host = text.trim();
  if (host === "unix://") return `unix://${socket}`;
  return host.includes("://") ? host : `tcp://${host}`;
}

function protoOf(text: string): string {
  return text.includes("://") ? (text.trim().split("://", 1)[0] ?? "") : "tcp";
}
