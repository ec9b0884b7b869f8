/** One piece of a multiplexed stream; 1 is stdout, 2 is stderr, 3 an error of the daemon itself. */
export interface StreamPiece {
  readonly stream: number;
  readonly bytes: Uint8Array;
  /** The piece ends its frame. */
  readonly last: boolean;
}

const headerSize = 8;

/**
 * Takes apart the frames of attach and logs without a terminal: 8 bytes of header (stream, three zeros, length in
 * big-endian), then that many bytes. Pieces come as they arrive, so a long frame may come in several.
 */
export async function* splitFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamPiece, void> {
  const header = new Uint8Array(headerSize);
  let filled = 0;
  let left = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + headerSize - filled);
        header.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < headerSize) break;
        filled = 0;
        left = new DataView(header.buffer).getUint32(4);
        continue;
      }
      const bytes = chunk.subarray(at, at + left);
      at += bytes.length;
      left -= bytes.length;
      yield { stream: header[0] ?? 0, bytes, last: left === 0 };
    }
  }
}
