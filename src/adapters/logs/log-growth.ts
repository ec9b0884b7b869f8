import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Milliseconds behind the last event after which the log is looked at once more. */
const burst = 10;

interface GrowthOptions {
  readonly ended: Promise<void>;
  readonly signal: AbortSignal;
}

/** Changes that nobody waited for, in a row, after which they are not listened to until somebody does: a busy log tells of thousands a second. */
const unheeded = 64;

/** Tells when a log may have grown or been rotated, and when it is over. Without `follow` it is over at once. */
export class LogGrowth implements Disposable {
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#finish();
  /** Bun's watcher drops an event that equals one of the same millisecond, so the last of a burst may be missing. */
  readonly #lookAgain: NodeJS.Timeout = setTimeout(() => this.#wake(), burst).unref();
  #watcher: FSWatcher | undefined;
  #isOver: boolean;
  #waiting: PromiseWithResolvers<void> | undefined;
  #unheeded = 0;

  constructor(path: string, follow: boolean, options: GrowthOptions) {
    this.#path = path;
    this.#signal = options.signal;
    this.#isOver = !follow || options.signal.aborted;
    if (this.#isOver) return;
    this.#watcher = this.#watch();
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
    this.#watcher ??= this.#watch();
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#watcher?.close();
    clearTimeout(this.#lookAgain);
  }

  #watch(): FSWatcher {
    const name = basename(this.#path);
    return watch(dirname(this.#path), { persistent: false }, (_, changed) => {
      if (changed !== null && !changed.startsWith(name)) return;
      this.#lookAgain.refresh();
      if (this.#waiting === undefined) this.#pass();
      else this.#wake();
    });
  }

  /** Whoever waits next looks at the file anew, behind a new watch. */
  #pass(): void {
    this.#unheeded += 1;
    if (this.#unheeded < unheeded) return;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #finish(): void {
    this.#isOver = true;
    this.#wake();
  }

  #wake(): void {
    this.#unheeded = 0;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
