declare global {
  interface JSON {
    /** ECMAScript "JSON.parse source text access": text that goes into the document as it is. */
    rawJSON(text: string): unknown;
  }
}

/** JSON as Docker writes it: 64-bit integers whole, undefined members left away. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? JSON.rawJSON(member.toString()) : member));
}
