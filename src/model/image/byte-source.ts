interface PieceReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** Reads a stream in pieces of the caller's choice. One reader at a time; disposing cancels what was not read. */
export class ByteSource implements AsyncDisposable {
  readonly #reader: PieceReader;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;
  #offset = 0;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Up to `limit` bytes, at least one; undefined at the end. The bytes are the caller's. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      if (this.#ended) return undefined;
      const { done, value } = await this.#reader.read();
      if (done || value === undefined) this.#ended = true;
      else this.#rest = value;
    }
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    this.#offset += piece.length;
    // A small view would carry its whole buffer along when it is sent to a thread.
    return piece.length * 2 < piece.buffer.byteLength ? piece.slice() : piece;
  }

  /** Exactly `size` bytes, or fewer at the end. */
  async exactly(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const piece = await this.some(size - filled);
      if (piece === undefined) return bytes.slice(0, filled);
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  /** Looks at the first bytes without taking them. */
  async peek(size: number): Promise<Uint8Array> {
    const bytes = await this.exactly(size);
    const joined = new Uint8Array(bytes.length + this.#rest.length);
    joined.set(bytes);
    joined.set(this.#rest, bytes.length);
    this.#rest = joined;
    this.#offset -= bytes.length;
    return bytes;
  }

  /** What is left, as a stream. */
  remainder(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = await this.some(1 << 20);
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: (reason) => this.#reader.cancel(reason),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A stream that broke has told its reader so; cancelling it would only say it again.
    await this.#reader.cancel().catch(() => undefined);
  }
}
