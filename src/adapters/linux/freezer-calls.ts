// Freezing the processes of a control group: freezer.state in version 1, cgroup.freeze in version 2 (cgroups(7), cgroup-v2.rst). The
// kernel keeps the state with the group, so it outlives whoever asked for it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hasCode } from "./kernel-error.ts";

/** Milliseconds that processes get to stand still. */
const patience = 1000;

/** Looks, of a millisecond each, after which version 1 is asked anew: a process that forks meanwhile may keep it from ending. */
const looks = 25;

/** All folders are the engine's own. */
export const freezerCalls = {
  /** Freezes a group and those below it. "restless", and nothing is frozen, when some process does not stand still in time. */
  freezeCgroup: (folder: string): "frozen" | "restless" | "gone" => {
    try {
      return freeze(folder) ? "frozen" : "restless";
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENODEV")) return "gone";
      throw error;
    }
  },
  thawCgroup,
  /** False also for a group that is gone. */
  isCgroupFrozen: (folder: string): boolean => {
    try {
      return isFrozen(folder);
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENODEV")) return false;
      throw error;
    }
  },
};

/** Lets a group go on; one that is gone is no error. */
export function thawCgroup(folder: string): void {
  try {
    writeState(folder, false);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENODEV")) throw error;
  }
}

function freeze(folder: string): boolean {
  const until = performance.now() + patience;
  writeState(folder, true);
  for (let look = 1; !isFrozen(folder); look += 1) {
    if (performance.now() > until) {
      writeState(folder, false);
      return false;
    }
    if (look % looks === 0 && existsSync(`${folder}/freezer.state`)) {
      writeState(folder, false);
      writeState(folder, true);
    }
    Bun.sleepSync(1);
  }
  return true;
}

function writeState(folder: string, frozen: boolean): void {
  const first = `${folder}/freezer.state`;
  // Opened as they stand: a write never makes a file where the group has just gone.
  if (existsSync(first)) writeFileSync(first, frozen ? "FROZEN" : "THAWED", { flag: "r+" });
  else writeFileSync(`${folder}/cgroup.freeze`, frozen ? "1" : "0", { flag: "r+" });
}

function isFrozen(folder: string): boolean {
  const first = `${folder}/freezer.state`;
  if (existsSync(first)) return readFileSync(first, "utf8").trim() === "FROZEN";
  return /^frozen 1$/m.test(readFileSync(`${folder}/cgroup.events`, "utf8"));
}
