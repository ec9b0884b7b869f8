declare global {
  interface JSON {
    /** ECMAScript "JSON.parse source text access": text that goes into the document as it is. */
    rawJSON(text: string): unknown;
  }
}

/** A 64-bit integer that goes into a document whole, where a number would lose its last digits. */
export function exactInteger(value: bigint): unknown {
  return JSON.rawJSON(value.toString());
}
