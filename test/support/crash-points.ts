// Ends a daemon with SIGKILL at a chosen system call of its own, by strace(1): not of its children, which are no part of the daemon.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestDaemon } from "./daemon.ts";
import { isAlive } from "./processes.ts";
import { toolPath } from "./tools.ts";
import { waitFor } from "./wait-for.ts";

/** Calls that change something outside the process, or hand something on. */
const telling = "%file,%process,write,writev,pwrite64,fsync,fdatasync,syncfs,ftruncate,sendto,sendmsg,close";

/** Threads that are born later are not traced; a daemon that has worked before has all that it needs. */
async function trace(daemon: TestDaemon, options: readonly string[]): Promise<AsyncDisposable> {
  const threads = readdirSync(`/proc/${daemon.pid}/task`);
  const child = Bun.spawn([toolPath("strace"), "--quiet=all", ...options, ...threads.flatMap((thread) => ["-p", thread])], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await waitFor(() => threads.every((thread) => isTraced(daemon.pid, thread)), { what: "strace at every thread" });
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

/** A thread that has ended, and with it perhaps the daemon, needs no tracer any more. */
export function isTraced(pid: number, thread: string): boolean {
  try {
    return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return true;
    throw error;
  }
}

/** A system call by name, and the how-manieth of a thread it is: how strace counts. */
export interface CrashPoint {
  readonly name: string;
  readonly number: number;
}

/** Each of these calls that `act` makes, by thread and name, in the order of time. */
export async function callsDuring(
  daemon: TestDaemon,
  traced: string,
  act: () => Promise<unknown>,
): Promise<readonly { readonly thread: string; readonly name: string }[]> {
  const log = join(daemon.place.home, "calls");
  {
    await using _tracer = await trace(daemon, ["-e", `trace=${traced}`, "-o", log]);
    await act();
  }
  // "4711  openat(..." begins a call; the end of one that was interrupted begins with "<... openat".
  const lines = readFileSync(log, "latin1").matchAll(/^(\d+) +(\w+)\(/gm);
  return [...lines].map(([, thread = "", name = ""]) => ({ thread, name }));
}

/** Every point that `act` passes, in the order of time. */
export async function crashPoints(daemon: TestDaemon, act: () => Promise<unknown>): Promise<CrashPoint[]> {
  const counts = new Map<string, number>();
  const points = new Map<string, CrashPoint>();
  for (const { thread, name } of await callsDuring(daemon, telling, act)) {
    const number = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, number);
    if (!points.has(`${name} ${number}`)) points.set(`${name} ${number}`, { name, number });
  }
  return [...points.values()];
}

/** Calls that put something on a disk, by descriptors that are nothing but files. */
export const diskCalls: readonly string[] = ["pwrite64", "fsync", "fdatasync", "syncfs", "ftruncate", "rename", "renameat2"];

/** Runs `act` on a daemon whose disk refuses one call; what it gives is what `act` gave. The daemon goes on. */
export async function failAt<Result>(
  daemon: TestDaemon,
  { name, number }: CrashPoint,
  { error, act }: { readonly error: "EIO" | "ENOSPC" | "EROFS"; readonly act: () => Promise<Result> },
): Promise<Result> {
  await using _tracer = await trace(daemon, ["-e", `trace=${name}`, "-e", `inject=${name}:error=${error}:when=${number}`]);
  return await act();
}

/** Runs `act` on a daemon that dies at the point; true when it died of that. It is dead afterwards in any case. */
export async function dieAt(daemon: TestDaemon, { name, number }: CrashPoint, act: () => Promise<unknown>): Promise<boolean> {
  const { pid } = daemon;
  await using _tracer = await trace(daemon, ["-e", `trace=${name}`, "-e", `inject=${name}:signal=KILL:when=${number}`]);
  const died = await act().then(
    () => false,
    (error: unknown) => waitFor(() => !isAlive(pid), { what: `death behind ${String(error)}`, deadline: 2_000 }),
  );
  await daemon.kill();
  return died;
}
