import type { Instant } from "#base";

export type EventType = "container" | "image" | "network" | "volume" | "daemon";

/** One thing that happened. Events announce and never command. */
export interface EngineEvent {
  /** Grows by one per event for the life of the data root. */
  readonly number: number;
  readonly type: EventType;
  /** Docker's word: "create", "start", "die", "exec_create: sh". */
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: Instant;
}

/** Where verbs announce what they did. Never throws, never waits. */
export interface Announcer {
  announce(event: Omit<EngineEvent, "number" | "at">): void;
}
