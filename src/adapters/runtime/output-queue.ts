import type { OutputChunk } from "#container";

/** Bytes that one client may lag behind. */
const capacity = 1_048_576;

/** Output on its way to one client: bounded, ended once, read by one reader. */
export class OutputQueue implements AsyncIterable<OutputChunk> {
  readonly #chunks: OutputChunk[] = [];
  readonly #onRead: () => void;
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
      const batch = this.#chunks.splice(0);
      for (const chunk of batch) {
        this.#size -= chunk.bytes.length;
        this.#onRead();
        yield chunk;
      }
      if (this.#chunks.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
