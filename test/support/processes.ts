// What /proc says about the processes that carry a token: in their command line, their environment or their cgroup.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { waitFor } from "./wait-for.ts";

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
  /** "net:[4026531840]" */
  readonly netNamespace: string;
  readonly zombie: boolean;
}

/** Undefined when the process is gone or closed to us. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

export function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function isAlive(pid: number): boolean {
  const state = processState(pid);
  return state !== "" && state !== "Z" && state !== "X";
}

/** The letter of proc_pid_stat(5): "R" for one that is on a processor or wants one; "" when it is gone. */
export function processState(pid: number): string {
  return /\) (\w)/.exec(readProc(`/proc/${pid}/stat`) ?? "")?.[1] ?? "";
}

/** Without the asking process itself. */
export function markedProcesses(token: string): MarkedProcess[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const command = readProc(`/proc/${pid}/cmdline`);
    const marks = [command, readProc(`/proc/${pid}/environ`), readProc(`/proc/${pid}/cgroup`)];
    if (command === undefined || !marks.some((text) => text?.includes(token) === true)) return [];
    const name = command.replaceAll("\0", " ").trim();
    return [{ pid, command: name, netNamespace: linkTarget(`/proc/${pid}/ns/net`), zombie: !isAlive(pid) }];
  });
}

/** SIGKILL to every process with the token, until none is left. */
export async function endMarkedProcesses(token: string): Promise<void> {
  await waitFor(
    () => {
      const alive = markedProcesses(token).filter(({ zombie }) => !zombie);
      for (const { pid } of alive) endProcess(pid);
      return alive.length === 0;
    },
    { what: `end of the processes of ${token}` },
  );
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
