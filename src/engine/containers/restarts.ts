// Containers that have ended and are to be started again after a while. Nothing in here outlives the daemon: the rows say which they are.
import { restartDelay } from "#container";

export class Restarts {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** How long each waited the last time. */
  readonly #delays = new Map<string, number>();
  #start: (id: string) => void = () => undefined;

  /** Says what starts a container when its time has come. */
  begin(start: (id: string) => void): void {
    this.#start = start;
  }

  /** `lastedMs`: how long it ran before it ended. */
  schedule(id: string, lastedMs: number): void {
    const delay = restartDelay(this.#delays.get(id), lastedMs);
    this.#delays.set(id, delay);
    clearTimeout(this.#timers.get(id));
    const due = (): void => {
      this.#timers.delete(id);
      this.#start(id);
    };
    this.#timers.set(id, setTimeout(due, delay).unref());
  }

  /** Somebody started, stopped or removed it: it is not started by itself any more, and the next wait is a short one. */
  cancel(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#delays.delete(id);
  }
}
