import type { Writable } from "node:stream";
import { encodeFrames, joinPieces, type StreamPiece } from "#wire";

/** Pieces that wait for one write together: enough to fill a socket, little enough to keep. */
const batch = 64 << 10;

/**
 * Writes a process's output to a client: frames without a terminal, bare bytes with one. Pieces that come in the same turn
 * of the event loop go out in one write; a client that does not read holds `push` back.
 */
export class StreamWriter {
  readonly #sink: Writable;
  readonly #raw: boolean;
  #pieces: StreamPiece[] = [];
  #size = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;
  /** The write that the client has not taken yet: everybody waits for it. */
  #held: Promise<boolean> | undefined;

  constructor(sink: Writable, options: { readonly raw: boolean }) {
    this.#sink = sink;
    this.#raw = options.raw;
  }

  /** Resolves when the client can take more, false when it is gone. */
  async push(piece: StreamPiece): Promise<boolean> {
    while (this.#held !== undefined) await this.#held;
    if (this.#closed) return false;
    this.#pieces.push(piece);
    this.#size += piece.bytes.length;
    if (this.#size >= batch) return this.flush();
    this.#scheduled ??= setImmediate(() => void this.flush());
    return !this.#sink.destroyed;
  }

  /** The same for many pieces that are there at once: one write. They are read before the client's answer is waited for, and none is kept. */
  async pushAll(pieces: Iterable<StreamPiece>): Promise<boolean> {
    const open = await this.flush();
    if (this.#closed) return false;
    const bytes = this.#encode(pieces);
    return bytes.length === 0 ? open : this.#write(bytes);
  }

  /** Drops what waits and what still comes. */
  close(): void {
    this.#closed = true;
    clearImmediate(this.#scheduled);
    this.#pieces = [];
  }

  /** Writes what waits; resolves when the client can take more, false when it is gone. */
  async flush(): Promise<boolean> {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    while (this.#held !== undefined) await this.#held;
    if (this.#pieces.length === 0) return !this.#sink.destroyed;
    const bytes = this.#encode(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return this.#write(bytes);
  }

  #encode(pieces: Iterable<StreamPiece>): Uint8Array {
    return this.#raw ? joinPieces(pieces) : encodeFrames(pieces);
  }

  async #write(bytes: Uint8Array): Promise<boolean> {
    this.#held = writeAll(this.#sink, bytes);
    const open = await this.#held;
    this.#held = undefined;
    return open;
  }
}

/** One write, and the wait that it asks for. Resolves false when the other side is gone. */
export async function writeAll(sink: Writable, bytes: Uint8Array | string): Promise<boolean> {
  if (sink.destroyed) return false;
  if (sink.write(bytes)) return true;
  return new Promise((settle) => {
    const finish = (open: boolean): void => {
      sink.off("drain", drained).off("close", closed);
      settle(open);
    };
    const drained = (): void => finish(true);
    const closed = (): void => finish(false);
    sink.once("drain", drained).once("close", closed);
    if (sink.destroyed) finish(false);
  });
}
