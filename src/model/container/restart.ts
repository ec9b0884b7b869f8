/** What becomes of a container that has ended by itself. */
export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** Of `on-failure`; 0 is no bound. */
  readonly maximum: number;
}

/** How a container ended, as far as its policy asks. */
export interface Ending {
  readonly code: number;
  /** Somebody asked for the end. */
  readonly isWanted: boolean;
  /** Restarts since somebody started it. */
  readonly restarts: number;
}

/** Whether a container is started again as soon as it has ended. */
export function restartsAfter(policy: RestartPolicy | undefined, { code, isWanted, restarts }: Ending): boolean {
  if (policy === undefined || isWanted) return false;
  switch (policy.name) {
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure":
      return code !== 0 && (policy.maximum === 0 || restarts < policy.maximum);
    case "no":
      return false;
    default:
      return policy.name satisfies never;
  }
}

/** Whether a daemon that starts starts it too. `always` is so even after a stop that somebody asked for, as Docker has it. */
export function startsWithDaemon(policy: RestartPolicy | undefined, ending: Ending): boolean {
  return restartsAfter(policy, { ...ending, isWanted: ending.isWanted && policy?.name !== "always" });
}

const shortest = 100;
const longest = 60_000;
/** Milliseconds after which a run counts as one that went well. */
const goodRun = 10_000;

/** Milliseconds until the next start: twice as long as the last time, unless the run went well. */
export function restartDelay(last: number | undefined, lastedMs: number): number {
  return last === undefined || lastedMs >= goodRun ? shortest : Math.min(last * 2, longest);
}
