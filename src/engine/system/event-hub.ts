// The newest events in one row, which every listener reads at its own pace from its own place: an event costs the same with one listener as
// with a thousand, and who lags behind so far that its place is gone is cut with an error, never skipped.
import { fault, type Instant, now } from "#base";
import { type Announcer, type EngineEvent, type EventJournal, eventsKept } from "#event";
import type { EventSpan } from "../verbs.ts";

/** Events above the number to keep that are dropped together. */
const surplus = 1000;

export class EventHub implements Announcer {
  readonly #journal: EventJournal | undefined;
  #kept: EngineEvent[] = [];
  /** Place of the first kept event. Places count from the first event of this daemon; those of earlier ones lie below 0. */
  #start = 0;
  #last: number;
  #recalled: Promise<void> | undefined;
  #listeners = 0;
  #sleeping = 0;
  #isWaking = false;
  #coming = Promise.withResolvers<undefined>();

  constructor(journal?: EventJournal) {
    this.#journal = journal;
    this.#last = journal?.last ?? 0;
  }

  announce(event: Omit<EngineEvent, "number" | "at">): void {
    const numbered: EngineEvent = { ...event, number: ++this.#last, at: now() };
    this.#kept.push(numbered);
    if (this.#kept.length > eventsKept + surplus) this.#drop(surplus);
    this.#journal?.append(numbered);
    // What is announced in the same turn goes to the listeners together.
    if (this.#sleeping === 0 || this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => this.#wake());
  }

  /** How many events this daemon has announced. */
  get announced(): number {
    return this.#start + this.#kept.length;
  }

  get listeners(): number {
    return this.#listeners;
  }

  /**
   * Events from the moment of the call, whether or not anybody iterates yet, until the signal aborts, in the portions in which they come.
   * With a span they begin with those of it that are kept; one that is over ends with them.
   */
  listen(span: EventSpan, signal: AbortSignal): AsyncIterable<readonly EngineEvent[]> {
    this.#listeners += 1;
    signal.addEventListener("abort", () => this.#wake());
    return this.#follow(span, signal, this.#start + this.#kept.length);
  }

  async *#follow({ since, until }: EventSpan, signal: AbortSignal, begin: number): AsyncGenerator<readonly EngineEvent[]> {
    let place = begin;
    const isOver = until !== undefined && until <= now();
    try {
      if (since !== undefined || until !== undefined) {
        await this.#recall();
        place = this.#placeOf(since ?? 0n);
      }
      for (;;) {
        if (place < this.#start) throw fault("unavailable", `listener lags more than ${eventsKept} events behind`);
        const events = this.#kept.slice(place - this.#start);
        place += events.length;
        const wanted = until === undefined ? events : events.filter((event) => event.at <= until);
        if (wanted.length > 0) yield wanted;
        else if (signal.aborted || isOver) return;
        else if (events.length === 0) await this.#next();
      }
    } finally {
      this.#listeners -= 1;
    }
  }

  /** Place of the first event that is not older. Looked for from the end, where it usually is. */
  #placeOf(since: Instant): number {
    return this.#start + this.#kept.findLastIndex((event) => event.at < since) + 1;
  }

  async #next(): Promise<void> {
    this.#sleeping += 1;
    await this.#coming.promise;
    this.#sleeping -= 1;
  }

  #wake(): void {
    this.#isWaking = false;
    const { resolve } = this.#coming;
    this.#coming = Promise.withResolvers();
    resolve(undefined);
  }

  /** Puts what earlier daemons announced before what this one did; read when somebody first asks for it. */
  #recall(): Promise<void> {
    this.#recalled ??= this.#journal?.earlier().then((events) => {
      const room = Math.max(0, eventsKept - this.#kept.length);
      const newest = events.slice(Math.max(0, events.length - room));
      if (this.#start > 0 || newest.length === 0) return;
      this.#kept = [...newest, ...this.#kept];
      this.#start = -newest.length;
    });
    return this.#recalled ?? Promise.resolve();
  }

  #drop(count: number): void {
    this.#kept.splice(0, count);
    this.#start += count;
  }
}
