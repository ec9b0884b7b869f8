import type { OutputChunk } from "#container";

/** Bytes that one client may lag behind. */
const capacity = 1_048_576;

/** Chunks that were read before their places are given back. */
const compactAt = 1024;

/** Output on its way to one client: bounded, ended once, read by one reader. */
export class OutputQueue implements AsyncIterable<OutputChunk> {
  readonly #chunks: OutputChunk[] = [];
  readonly #onRead: () => void;
  #read = 0;
  #size = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(onRead: () => void) {
    this.#onRead = onRead;
  }

  get isFull(): boolean {
    return this.#size >= capacity;
  }

  push(chunk: OutputChunk): void {
    if (this.#ended) return;
    this.#chunks.push(chunk);
    this.#size += chunk.bytes.length;
    this.#wake?.();
  }

  /** What was pushed before is still read. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, void> {
    for (;;) {
      const chunk = this.#take();
      if (chunk !== undefined) {
        yield chunk;
        continue;
      }
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(): OutputChunk | undefined {
    const chunk = this.#chunks[this.#read];
    if (chunk === undefined) return undefined;
    this.#read += 1;
    // Taking from the front of a long array moves all of it, so that is done for many at once.
    if (this.#read === this.#chunks.length || this.#read === compactAt) this.#chunks.splice(0, this.#read);
    if (this.#chunks.length === 0 || this.#read === compactAt) this.#read = 0;
    this.#size -= chunk.bytes.length;
    this.#onRead();
    return chunk;
  }
}
