import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { closeFd } from "./descriptor.ts";
import { thawCgroup } from "./freezer-calls.ts";
import { hasCode } from "./kernel-error.ts";
import { openPidfd, signalPidfd } from "./pidfd.ts";

const SIGKILL = 9;

/** How often a group is asked again before its removal or its killing is called a failure. */
const rounds = 200;

/** Control groups by folder; all folders are the engine's own. */
export const cgroupCalls = {
  /** Moves a process into each of the groups. @throws ESRCH when it is gone, and kin as node:fs does */
  enterCgroups: (folders: readonly string[], pid: number): void => {
    for (const folder of folders) writeFileSync(`${folder}/cgroup.procs`, String(pid));
  },
  /** Processes of a group and of those below it; empty when there is no such group. */
  cgroupProcesses: processesOf,
  /**
   * Signals every process of a group; SIGKILL goes on until none is left. False when some outlive it. In version 1 frozen processes do not
   * die before they are thawed: `freezer` is their group in the hierarchy that froze them.
   */
  signalCgroup: (folder: string, signal: number, freezer?: string): boolean => {
    if (signal !== SIGKILL) {
      signalAll(folder, signal);
      return true;
    }
    if (existsSync(`${folder}/cgroup.kill`)) writeFileSync(`${folder}/cgroup.kill`, "1");
    for (let round = 0; round < rounds && processesOf(folder).length > 0; round += 1) {
      signalAll(folder, signal);
      if (freezer !== undefined) thawCgroup(freezer);
      Bun.sleepSync(round < 20 ? 1 : 10);
    }
    return processesOf(folder).length === 0;
  },
  /** Waits until no process is in the group, at most so many milliseconds; false when some stay. */
  waitForEmptyCgroup: (folder: string, milliseconds: number): boolean => {
    const until = performance.now() + milliseconds;
    while (processesOf(folder).length > 0) {
      if (performance.now() > until) return false;
      Bun.sleepSync(1);
    }
    return true;
  },
  /** Removes groups and what a container made below them; one that is gone is no error. */
  removeCgroups: (folders: readonly string[]): void => {
    for (const folder of folders) removeTree(folder);
  },
  /** Names of the groups right below; empty when there is no such group. */
  cgroupsBelow: (folder: string): readonly string[] => foldersIn(folder).map((path) => path.slice(folder.length + 1)),
  /**
   * Ends every process that has an argument with one of these beginnings and is in none of the groups, each a path as /proc/PID/cgroup
   * has it: the child of a daemon that was killed before it could put it there.
   */
  endUngrouped: (beginnings: readonly string[], groups: readonly string[]): void => {
    const isStray = (pid: number): boolean => {
      if (!argumentsOf(pid).some((word) => beginnings.some((beginning) => word.startsWith(beginning)))) return false;
      const paths = readOr(`/proc/${pid}/cgroup`, "");
      return paths !== "" && !groups.some((group) => paths.includes(`:${group}/`));
    };
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    for (const pid of pids.map(Number).filter(isStray)) {
      const fd = openPidfd(pid);
      if (fd === undefined) continue;
      if (isStray(pid)) signalPidfd(fd, SIGKILL);
      closeFd(fd);
    }
  },
  /** Texts of small files of groups; undefined for one that is not there. */
  readCgroupFiles: (paths: readonly string[]): readonly (string | undefined)[] => paths.map(readFileOr),
  /** Sets a value of a group that is there. */
  writeCgroupFile: (path: string, text: string): void => writeFileSync(path, text, { flag: "r+" }),
  /** How many processes of the group the kernel killed for memory; 0 when the group is gone. */
  oomKills: (folder: string): number => {
    for (const name of ["memory.events", "memory.oom_control"]) {
      const match = /^oom_kill (\d+)$/m.exec(readOr(`${folder}/${name}`, ""));
      if (match !== null) return Number(match[1]);
    }
    return 0;
  },
};

function processesOf(folder: string): readonly number[] {
  const own = readOr(`${folder}/cgroup.procs`, "").split("\n").filter(Boolean).map(Number);
  return [...own, ...foldersIn(folder).flatMap(processesOf)];
}

function argumentsOf(pid: number): readonly string[] {
  return readOr(`/proc/${pid}/cmdline`, "").split("\0");
}

/** A process is signalled only while its number still stands in the group after its descriptor was opened. */
function signalAll(folder: string, signal: number): void {
  const opened = processesOf(folder).map((pid) => ({ pid, fd: openPidfd(pid) }));
  const still = new Set(processesOf(folder));
  for (const { pid, fd } of opened) {
    if (fd === undefined) continue;
    if (still.has(pid)) signalPidfd(fd, signal);
    closeFd(fd);
  }
}

function removeTree(folder: string): void {
  for (const below of foldersIn(folder)) removeTree(below);
  for (let round = 0; ; round += 1) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return;
      // EBUSY: the last process has ended but the kernel still counts it.
      if (!hasCode(error, "EBUSY") || round === rounds) throw error;
      Bun.sleepSync(1);
    }
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${folder}/${entry.name}`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

function readOr(path: string, missing: string): string {
  return readFileOr(path) ?? missing;
}

function readFileOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENODEV", "ESRCH")) return undefined;
    throw error;
  }
}
