import { fault } from "#base";

/** A whole chunked body, and where it ended. */
interface ChunkedBody {
  readonly body: Uint8Array;
  readonly end: number;
}

const sizeLine = /^([0-9a-fA-F]{1,8})(?:[ \t]*;[^\r\n]*)?$/;

/**
 * Reads a chunked body (RFC 9112, section 7.1) at the head of `bytes`, for connections that left HTTP before their body was read.
 * Undefined when more is needed. @throws invalid for what is no chunk
 */
export function readChunks(bytes: Buffer): ChunkedBody | undefined {
  const chunks: Uint8Array[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at, "latin1");
    if (line === -1) {
      if (bytes.length - at > 4096) throw malformed();
      return undefined;
    }
    const size = sizeLine.exec(bytes.toString("latin1", at, line))?.[1];
    if (size === undefined) throw malformed();
    const length = Number.parseInt(size, 16);
    if (length === 0) return withTrailer(bytes, line, chunks);
    const end = line + 2 + length;
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString("latin1", end, end + 2) !== "\r\n") throw malformed();
    chunks.push(bytes.subarray(line + 2, end));
    at = end + 2;
  }
}

/** Behind the last chunk come fields that nobody asked for, and an empty line. */
function withTrailer(bytes: Buffer, lastLine: number, chunks: readonly Uint8Array[]): ChunkedBody | undefined {
  const end = bytes.indexOf("\r\n\r\n", lastLine, "latin1");
  return end === -1 ? undefined : { body: Buffer.concat(chunks), end: end + 4 };
}

function malformed(): Error {
  return fault("invalid", "malformed chunked encoding");
}
