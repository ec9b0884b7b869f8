import type { Instant } from "#base";
import type { State } from "#container";
import type { Roster } from "../containers/roster.ts";
import type { EngineInfo } from "../verbs.ts";
import type { EventHub } from "./event-hub.ts";
import type { LostRows } from "./lost-rows.ts";

/** What a daemon that reads its configuration anew may change. */
export type ChangingFacts = Pick<EngineInfo, "debug" | "labels" | "insecureRegistries" | "mirrors" | "runtimes" | "defaultRuntime">;

/** What is fixed while the daemon lives. */
export type FixedFacts = Omit<
  EngineInfo,
  keyof ChangingFacts | "containers" | "images" | "eventListeners" | "fileDescriptors" | "goroutines" | "startedAt"
> & {
  readonly startedAt: Instant;
};

interface InfoNeeds {
  readonly roster: Roster;
  readonly events: EventHub;
  readonly facts: FixedFacts;
  readonly lost: Pick<LostRows, "warnings">;
  settings(): ChangingFacts;
  countImages(): number;
  countDescriptors(): number;
}

/**
 * The engine about itself, from memory. Whatever has to be counted is counted when it is looked at: each create and inspect asks for a fact or
 * two, and none of them for these.
 */
export function describeEngine(needs: InfoNeeds): EngineInfo {
  return {
    ...needs.facts,
    ...needs.settings(),
    get containers() {
      return countContainers(needs.roster);
    },
    get images() {
      return needs.countImages();
    },
    get warnings() {
      return [...needs.facts.warnings, ...needs.lost.warnings()];
    },
    eventListeners: needs.events.listeners,
    get fileDescriptors() {
      return needs.countDescriptors();
    },
    goroutines: 1,
  };
}

function countContainers(roster: Roster): EngineInfo["containers"] {
  const containers = roster.all();
  const count = (status: State["status"]): number => containers.filter((container) => container.state.status === status).length;
  const running = count("running");
  const paused = count("paused");
  return { total: containers.length, running, paused, stopped: containers.length - running - paused };
}
