import type { EngineEvent } from "./event.ts";

/** How many of the newest events can be asked for again, whatever became of the daemon meanwhile. */
export const eventsKept = 10_000;

/**
 * Where events outlive the daemon that announced them.
 *
 * `last` is the number of the newest event of earlier daemons, 0 when there is none. `append` returns at once and never throws; an event
 * is safe from `kill -9` a moment later and from a power cut when the system feels like it: it costs no sync. `earlier` reads what earlier
 * daemons left, oldest first, the newest `eventsKept` at least as far as the daemon's own do not take their places.
 */
export interface EventJournal {
  readonly last: number;
  append(event: EngineEvent): void;
  earlier(): Promise<readonly EngineEvent[]>;
}
