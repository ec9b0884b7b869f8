// A decoder of a C library (liblzma, libbz2), driven step by step: compressed bytes in, as many plain ones out as fit a piece, and so on. Each step
// works on this thread, so it runs in workers alone. Addresses of pieces are valid as long as the library may touch them: both are kept here.
import { fault } from "#base";
import { ptr } from "bun:ffi";

/** Decodes one compressed stream. Disposing frees what the library holds. */
export interface StepwiseDecoder extends Disposable {
  /** Takes the next compressed bytes; only once `next` has said that it needs some. */
  push(bytes: Uint8Array): void;
  /** The next plain bytes; undefined when it needs more to go on. @throws invalid */
  next(): Uint8Array | undefined;
  /** No more comes. @throws invalid when the stream is not whole */
  finish(): void;
}

/** What the two libraries have in common, and where their struct keeps it. */
export interface CodecStream {
  /** The struct, zeroed before it is opened. Addresses stand at 0 (input) and 24 (output) in both. */
  readonly struct: DataView;
  readonly inputLeft: { readonly at: number; readonly bits: 32 | 64 };
  readonly outputLeft: { readonly at: number; readonly bits: 32 | 64 };
  /** Reads and writes as far as it gets. @throws invalid */
  step(): void;
  /** @throws invalid when something is missing */
  finish(): void;
  close(): void;
}

const nextIn = 0;
const nextOut = 24;
const pieceSize = 256 * 1024;

export class CodecDecoder implements StepwiseDecoder {
  readonly #stream: CodecStream;
  /** Held as long as the library may touch them. */
  readonly #pieces: { input?: Uint8Array; output?: Uint8Array } = {};
  #closed = false;

  constructor(stream: CodecStream) {
    this.#stream = stream;
  }

  push(bytes: Uint8Array): void {
    if (this.#left("inputLeft") > 0) throw new Error("the decoder has not read what it was given");
    this.#pieces.input = bytes;
    this.#set("inputLeft", nextIn, bytes);
  }

  next(): Uint8Array | undefined {
    if (this.#closed) throw fault("unavailable", "the decoder is closed");
    const output = new Uint8Array(pieceSize);
    this.#pieces.output = output;
    this.#set("outputLeft", nextOut, output);
    this.#stream.step();
    const made = pieceSize - this.#left("outputLeft");
    if (made > 0) return made * 2 < pieceSize ? output.slice(0, made) : output.subarray(0, made);
    if (this.#left("inputLeft") > 0) throw fault("invalid", "the decoder makes nothing of its input");
    return undefined;
  }

  finish(): void {
    this.#stream.finish();
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.#stream.close();
    this.#closed = true;
  }

  #set(counter: "inputLeft" | "outputLeft", address: number, bytes: Uint8Array): void {
    const { struct } = this.#stream;
    struct.setBigUint64(address, bytes.length === 0 ? 0n : BigInt(ptr(bytes)), true);
    const { at, bits } = this.#stream[counter];
    if (bits === 64) struct.setBigUint64(at, BigInt(bytes.length), true);
    else struct.setUint32(at, bytes.length, true);
  }

  #left(counter: "inputLeft" | "outputLeft"): number {
    const { at, bits } = this.#stream[counter];
    return bits === 64 ? Number(this.#stream.struct.getBigUint64(at, true)) : this.#stream.struct.getUint32(at, true);
  }
}
