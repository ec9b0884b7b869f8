/** Docker's stream types (Docker API, "Stream format"): the first byte of a frame's header. */
export const streamType = { stdin: 0, stdout: 1, stderr: 2, systemError: 3 } as const;

export type StreamName = keyof typeof streamType;

export interface StreamPiece {
  readonly stream: StreamName;
  readonly bytes: Uint8Array;
}

export const frameHeaderSize = 8;

/** All pieces as frames behind each other in one buffer: eight bytes of header, then the payload. Pieces may come one by one and be gone then. */
export function encodeFrames(pieces: Iterable<StreamPiece>): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(smallest);
  let at = 0;
  for (const { stream, bytes } of pieces) {
    const { length } = bytes;
    out = withRoom(out, at, frameHeaderSize + length);
    out[at] = streamType[stream];
    out[at + 4] = length >>> 24;
    out[at + 5] = length >>> 16;
    out[at + 6] = length >>> 8;
    out[at + 7] = length;
    out.set(bytes, at + frameHeaderSize);
    at += frameHeaderSize + length;
  }
  return out.subarray(0, at);
}

/** The payload of all pieces in one buffer, as a terminal's stream has it. */
export function joinPieces(pieces: Iterable<StreamPiece>): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(smallest);
  let at = 0;
  for (const { bytes } of pieces) {
    out = withRoom(out, at, bytes.length);
    out.set(bytes, at);
    at += bytes.length;
  }
  return out.subarray(0, at);
}

const smallest = 1024;

/** The buffer, or a wider one that holds its first `size` bytes, where `more` do not fit behind them. */
function withRoom(buffer: Uint8Array<ArrayBuffer>, size: number, more: number): Uint8Array<ArrayBuffer> {
  if (size + more <= buffer.length) return buffer;
  const wider = new Uint8Array(Math.max(size + more, 2 * buffer.length));
  wider.set(buffer.subarray(0, size));
  return wider;
}

const streamNames: readonly StreamName[] = ["stdin", "stdout", "stderr", "systemError"];

/**
 * Takes frames apart again, however they were cut on their way. Payload is handed on as it comes, so that a frame of any
 * size needs no memory; a piece may therefore be part of a frame.
 */
export class FrameDecoder {
  readonly #header = new Uint8Array(frameHeaderSize);
  #filled = 0;
  #left = 0;
  #stream: StreamName = "stdout";

  /** True between frames: the stream may end here. */
  get whole(): boolean {
    return this.#filled === 0 && this.#left === 0;
  }

  /** @throws RangeError when the stream type is none of Docker's */
  push(bytes: Uint8Array): readonly StreamPiece[] {
    const pieces: StreamPiece[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left);
        pieces.push({ stream: this.#stream, bytes: bytes.subarray(at, end) });
        this.#left -= end - at;
        at = end;
        continue;
      }
      const taken = Math.min(frameHeaderSize - this.#filled, bytes.length - at);
      this.#header.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === frameHeaderSize) this.#begin();
    }
    return pieces;
  }

  #begin(): void {
    const name = streamNames[this.#header[0] ?? 0];
    if (name === undefined) throw new RangeError(`unrecognized stream: ${this.#header[0]}`);
    this.#stream = name;
    this.#left = new DataView(this.#header.buffer).getUint32(4);
    this.#filled = 0;
  }
}
