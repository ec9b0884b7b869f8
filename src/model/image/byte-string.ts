// Names in archives and file systems are bytes, not text. A ByteString holds one byte per character (U+0000 to U+00FF), so that it
// can be a map key and costs no more than text, and nothing is lost of names that are no UTF-8. TextDecoder("latin1") would be
// windows-1252, which moves 0x80 to 0x9F.

/** Bytes as a string of characters U+0000 to U+00FF. */
export type ByteString = string;

/** The bytes from `start` to `end` as a ByteString. */
export function byteString(bytes: Uint8Array, start = 0, end: number = bytes.length): ByteString {
  let text = "";
  for (let from = start; from < end; from += 4096) {
    text += String.fromCharCode(...bytes.subarray(from, Math.min(end, from + 4096)));
  }
  return text;
}

/** The bytes that a ByteString stands for. */
export function bytesOf(text: ByteString): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** UTF-8 text as a ByteString. */
export function byteStringOfText(text: string): ByteString {
  return byteString(new TextEncoder().encode(text));
}

/** For messages: read as UTF-8 and quoted, with replacement characters where it is none. */
export function quoteBytes(text: ByteString): string {
  return JSON.stringify(new TextDecoder().decode(bytesOf(text.length > 300 ? `${text.slice(0, 300)}...` : text)));
}
