import type { Instant } from "#base";
import type { Roster } from "../containers/roster.ts";
import type { EngineInfo } from "../verbs.ts";
import type { EventHub } from "./event-hub.ts";

/** What is fixed while the daemon lives. */
export type FixedFacts = Omit<EngineInfo, "containers" | "images" | "eventListeners" | "fileDescriptors" | "goroutines" | "startedAt"> & {
  readonly startedAt: Instant;
};

interface InfoNeeds {
  readonly roster: Roster;
  readonly events: EventHub;
  readonly facts: FixedFacts;
  countImages(): number;
  countDescriptors(): number;
}

/** The engine about itself, from memory. */
export function describeEngine(needs: InfoNeeds): EngineInfo {
  const containers = needs.roster.all();
  const running = containers.filter((container) => container.state.status === "running").length;
  return {
    ...needs.facts,
    containers: { total: containers.length, running, paused: 0, stopped: containers.length - running },
    images: needs.countImages(),
    eventListeners: needs.events.listeners,
    fileDescriptors: needs.countDescriptors(),
    goroutines: 1,
  };
}
