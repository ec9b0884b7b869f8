// S7: what one run costs in programs and syncs, counted by strace(1) in the daemon and all that it starts, from before the client until the
// container's control groups are gone.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isTraced } from "../support/crash-points.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { markedCgroups } from "../support/sweep.ts";
import { toolPath } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

let settled: SettledDaemon;

beforeAll(async () => {
  settled = await startSettledDaemon();
}, 30_000);

afterAll(() => settled[Symbol.asyncDispose](), 60_000);

interface Counters {
  /** Names of the programs that were executed, in order: the monitor, the runtime's create and start, the workload, the runtime's delete. */
  readonly programs: readonly string[];
  readonly syncs: readonly string[];
}

async function countRun(flags: readonly string[]): Promise<Counters> {
  const { daemon } = settled;
  const trace = join(daemon.place.home, `trace${flags.length}`);
  const calls = "trace=execve,fsync,fdatasync,syncfs,sync,sync_file_range,msync";
  const tracer = Bun.spawn([toolPath("strace"), "-f", "--quiet=all", "-e", calls, "-o", trace, "-p", String(daemon.pid)], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await waitFor(() => readdirSync(`/proc/${daemon.pid}/task`).every((thread) => isTraced(daemon.pid, thread)), { what: "strace" });
  expect(await daemon.docker(["run", ...flags, "busybox", "true"])).toMatchObject({ code: 0 });
  await waitFor(() => markedCgroups(daemon.place.token).every((path) => !/\/[cm]\/[0-9a-f]{64}$/.test(path)), {
    what: "end of the groups",
  });
  tracer.kill("SIGINT");
  await tracer.exited;
  const lines = readFileSync(trace, "latin1").split("\n");
  return { programs: executed(lines), syncs: lines.filter((line) => /sync\w*(\(| resumed).*= 0$/.test(line)) };
}

/** What was executed by the calls that succeeded; a call that was interrupted stands on two lines. */
function executed(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, thread = "", path] = /^(\d+) +(?:execve\("([^"]+)"|<... execve resumed>)/.exec(line) ?? [];
    if (path !== undefined) begun.set(thread, nameOf(path, line));
    return line.endsWith("= 0") && begun.has(thread) && thread !== "" ? [begun.get(thread) ?? ""] : [];
  });
}

/** The runtime is run from a sealed copy without a name, and says what it does. */
function nameOf(path: string, line: string): string {
  return path.includes("/fd/") ? `runtime ${/"(create|start|delete)"/.exec(line)?.[1]}` : basename(path);
}

const programs = ["conmon", "runtime create", "runtime start", "true", "runtime delete"];

test("S7 docker run --rm executes five programs and syncs nothing", async () => {
  expect(await countRun(["--rm"])).toEqual({ programs, syncs: [] });
}, 30_000);

test("S7 docker run executes five programs and syncs twice at most", async () => {
  const counted = await countRun([]);
  expect(counted.programs).toEqual(programs);
  expect(counted.syncs.length).toBeLessThanOrEqual(2);
  // What was created outlives a power cut.
  expect(counted.syncs.length).toBeGreaterThan(0);
}, 30_000);
