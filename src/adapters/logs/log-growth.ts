import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Milliseconds behind the last event after which the log is looked at once more. */
const burst = 10;

interface GrowthOptions {
  readonly ended: Promise<void>;
  readonly signal: AbortSignal;
}

/** Tells when a log may have grown or been rotated, and when it is over. Without `follow` it is over at once. */
export class LogGrowth implements Disposable {
  readonly #signal: AbortSignal;
  readonly #watcher: FSWatcher | undefined;
  readonly #onAbort = (): void => this.#finish();
  /** Bun's watcher drops an event that equals one of the same millisecond, so the last of a burst may be missing. */
  readonly #lookAgain: NodeJS.Timeout = setTimeout(() => this.#wake(), burst).unref();
  #isOver: boolean;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(path: string, follow: boolean, options: GrowthOptions) {
    this.#signal = options.signal;
    this.#isOver = !follow || options.signal.aborted;
    if (this.#isOver) return;
    const name = basename(path);
    this.#watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
      if (changed !== null && !changed.startsWith(name)) return;
      this.#wake();
      this.#lookAgain.refresh();
    });
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    void options.ended.then(this.#onAbort);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isAborted(): boolean {
    return this.#signal.aborted;
  }

  /** Resolves with the next change from now on, or the end. */
  next(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#watcher?.close();
    clearTimeout(this.#lookAgain);
  }

  #finish(): void {
    this.#isOver = true;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
