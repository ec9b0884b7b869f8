import { fault, now } from "#base";
import type { Announcer, EngineEvent } from "#event";

/** How many events a listener may lag behind before it is cut with an error. */
const patience = 4096;

interface Listener {
  readonly queue: EngineEvent[];
  wake: (() => void) | undefined;
  overrun: boolean;
}

/** Numbers events and hands each to every listener, in order. A slow listener costs a bounded queue, never the others. */
export class EventHub implements Announcer {
  readonly #listeners = new Set<Listener>();
  #last = 0;

  announce(event: Omit<EngineEvent, "number" | "at">): void {
    const numbered: EngineEvent = { ...event, number: ++this.#last, at: now() };
    for (const listener of this.#listeners) {
      if (listener.queue.length >= patience) listener.overrun = true;
      else listener.queue.push(numbered);
      listener.wake?.();
    }
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Events from the moment of the call, whether or not anybody iterates yet, until the signal aborts. */
  listen(signal: AbortSignal): AsyncIterable<EngineEvent> {
    const listener: Listener = { queue: [], wake: undefined, overrun: false };
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => {
      this.#listeners.delete(listener);
      listener.wake?.();
    });
    return this.#follow(listener, signal);
  }

  async *#follow(listener: Listener, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    try {
      for (;;) {
        const event = listener.queue.shift();
        if (event !== undefined) yield event;
        else if (signal.aborted) return;
        else if (listener.overrun) throw fault("unavailable", `listener lags more than ${patience} events behind`);
        else await new Promise<void>((resolve) => (listener.wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }
}
