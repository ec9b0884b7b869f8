import type { Progress } from "./verbs.ts";

/** Progress of work that runs at once in several places, as one sequence. The work never waits for the reader. */
export class ProgressChannel implements AsyncIterable<Progress> {
  readonly #pending: Progress[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = Promise.withResolvers<void>();

  push(progress: Progress): void {
    this.#pending.push(progress);
    this.#wake.resolve();
  }

  /** Runs work whose end ends the sequence and whose error the reader sees after all progress before it. */
  follow(work: Promise<void>): void {
    work.then(
      () => this.#end(),
      (error: unknown) => {
        this.#failure = { error };
        this.#end();
      },
    );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Progress> {
    for (;;) {
      yield* this.#pending.splice(0);
      if (this.#pending.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
    }
  }

  #end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }
}
