// Counters are free of noise: programs executed and syncs made by the daemon and all that it starts, over one whole run.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markedCgroups } from "../test/support/sweep.ts";
import { toolPath } from "../test/support/tools.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { docker, type Engine } from "./engine.ts";
import type { Row } from "./row.ts";

interface Counters {
  readonly programs: number;
  readonly syncs: number;
}

/** What a tracer tells of the calls that the engine, and all that it starts, makes during the work; a comma stands between their names. */
export async function callsDuring(engine: Engine, calls: string, work: () => Promise<void>): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "gantry-trace-"));
  const trace = join(folder, "trace");
  const attach = engine.pids().flatMap((pid) => ["-p", String(pid)]);
  const tracer = Bun.spawn([toolPath("strace"), "-f", "-qq", "-e", `trace=${calls}`, "-o", trace, ...attach], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  try {
    await waitFor(() => engine.pids().every((pid) => isTraced(pid)), { what: "strace" });
    await work();
  } finally {
    tracer.kill("SIGINT");
    await tracer.exited;
  }
  const lines = readFileSync(trace, "utf8").split("\n");
  rmSync(folder, { recursive: true });
  return lines;
}

/** From before the command line until the container's cgroup is gone. */
async function countRun(engine: Engine, flags: readonly string[]): Promise<Counters> {
  const lines = await callsDuring(engine, "fsync,fdatasync,execve", async () => {
    const name = `counted-${Date.now()}`;
    const { code, stderr } = await docker(engine, "run", "--name", name, ...flags, "busybox", "true");
    if (code !== 0) throw new Error(stderr);
    await waitFor(() => containerCgroups(engine).length === 0, { what: "end of the container's cgroup" });
    if (!flags.includes("--rm")) await docker(engine, "rm", name);
  });
  return {
    programs: lines.filter((line) => /execve(\(| resumed).*= 0$/.test(line)).length,
    syncs: lines.filter((line) => /f(data)?sync(\(| resumed).*= 0$/.test(line)).length,
  };
}

function isTraced(pid: number): boolean {
  return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** Those of ours are known by the token of the place; the monitor's goes with the container's. */
function containerCgroups(engine: Engine): string[] {
  const token = engine.daemon?.place.token;
  return token === undefined ? [] : markedCgroups(token).filter((path) => /\/[cm]\/[0-9a-f]{64}$/.test(path));
}

export const counterRows: readonly Row[] = [
  {
    id: "S7x",
    title: "programs executed by one docker run",
    unit: "calls",
    bound: 5,
    rounds: 3,
    alone: true,
    sample: async (engine) => (await countRun(engine, [])).programs,
  },
  {
    id: "S7s",
    title: "syncs made by one docker run",
    unit: "calls",
    bound: 2,
    rounds: 3,
    alone: true,
    sample: async (engine) => (await countRun(engine, [])).syncs,
  },
  {
    id: "S7r",
    title: "syncs made by one docker run --rm",
    unit: "calls",
    bound: 0,
    rounds: 3,
    alone: true,
    sample: async (engine) => (await countRun(engine, ["--rm"])).syncs,
  },
];
