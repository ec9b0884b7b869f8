// bun run bench [--no-wait] [--peers=docker28,docker28c,docker20,podman,crun,runc] [ROW...]: figures of ours beside the peers', sample by sample in turn.
// A row is chosen by the beginning of its name: S4 means S4 and S4a.
import { mkdirSync } from "node:fs";
import { loadavg, release } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../scripts/images/debian-root.ts";
import { openToolPeer, type ToolKind, type ToolPeer } from "../scripts/peers/tool-peer.ts";
import { apiRows } from "./api-rows.ts";
import { cacheRows } from "./cache-rows.ts";
import { containerRows } from "./container-rows.ts";
import { counterRows } from "./counter-rows.ts";
import { daemonRows } from "./daemon-rows.ts";
import { eventRows } from "./event-rows.ts";
import { fileRows } from "./file-rows.ts";
import { openEngine, refuseUnfair, type Engine, type EngineName } from "./engine.ts";
import { imageRows } from "./image-rows.ts";
import { ladenRows } from "./laden-start-rows.ts";
import type { Row } from "./row.ts";
import { selfRows } from "./self-rows.ts";
import { formatTable, summarize, type Measured, type RowResult } from "./summary.ts";

const rows: readonly Row[] = [
  ...containerRows,
  ...counterRows,
  ...daemonRows,
  ...apiRows,
  ...eventRows,
  ...fileRows,
  ...imageRows,
  ...ladenRows,
  ...cacheRows,
  ...selfRows,
];
const quietLoad = 1;
const slow = 2_000;

/** Waits up to 5 minutes for a quiet machine. Gives whether it is one. */
async function quiet(wait: boolean): Promise<boolean> {
  const end = performance.now() + (wait ? 300_000 : 0);
  while ((loadavg()[0] ?? 0) >= quietLoad) {
    if (performance.now() > end) return false;
    await Bun.sleep(2_000);
  }
  return true;
}

interface Subject {
  readonly name: Measured;
  readonly sample: () => Promise<number>;
}

function subjectsOf(row: Row, engines: readonly Engine[], tools: readonly ToolPeer[]): readonly Subject[] {
  const measured = row.alone === true ? engines.filter(({ name }) => name === "gantry") : engines;
  const { sampleTool } = row;
  return [
    ...measured.map((engine) => ({ name: engine.name, sample: () => row.sample(engine) })),
    ...(sampleTool === undefined ? [] : tools.map((tool) => ({ name: tool.name, sample: () => sampleTool(tool) }))),
  ];
}

async function measure(row: Row, subjects: readonly Subject[], isQuiet: boolean): Promise<RowResult> {
  const samples = new Map<Measured, number[]>(subjects.map(({ name }) => [name, []]));
  // The first of each warms caches and does not count; it also tells how patient to be.
  let longest = 0;
  if (row.rounds !== 1) for (const { sample } of subjects) longest = Math.max(longest, await sample());
  const rounds = row.rounds ?? (longest > slow ? 5 : 15);
  for (let round = 0; round < rounds; round++) {
    for (const { name, sample } of subjects) samples.get(name)?.push(await sample());
  }
  return summarize(row, samples, { load: loadavg()[0] ?? 0, noisy: !isQuiet });
}

/** What rows start from. Rows that follow each other and want the same share it. */
class Preparation implements AsyncDisposable {
  #prepare: Row["prepare"];
  #held = new AsyncDisposableStack();

  async bring(row: Row, engines: readonly Engine[]): Promise<void> {
    if (row.prepare !== undefined && row.prepare === this.#prepare) return;
    await this[Symbol.asyncDispose]();
    this.#prepare = row.prepare;
    for (const engine of row.alone === true ? engines.filter(({ name }) => name === "gantry") : engines) {
      const prepared = await row.prepare?.(engine);
      if (prepared !== undefined) this.#held.use(prepared);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = new AsyncDisposableStack();
    this.#prepare = undefined;
    await held.disposeAsync();
  }
}

async function bench(words: readonly string[]): Promise<void> {
  const wanted = words.filter((word) => !word.startsWith("--"));
  const chosen = rows.filter(({ id, driver: itsDriver }) =>
    wanted.length === 0 ? itsDriver === undefined : wanted.some((word) => id.startsWith(word)),
  );
  if (chosen.length === 0) throw new Error(`no such row; there are ${rows.map(({ id }) => id).join(", ")}`);
  const drivers = new Set(chosen.flatMap(({ driver }) => driver ?? []));
  const [driver] = drivers;
  if (drivers.size > 1) throw new Error("rows of two drivers are measured in two runs: P1 P3, and P2");
  const named = words.find((word) => word.startsWith("--peers="))?.slice("--peers=".length);
  const peers = (named ?? "docker28,docker28c,docker20,podman,crun,runc").split(",").filter((name) => name !== "");
  const needed = chosen.every((row) => row.alone === true) ? [] : peers;
  await using held = new AsyncDisposableStack();
  const engines: Engine[] = [];
  for (const name of ["gantry", ...needed.filter((peer) => peer.startsWith("docker"))] as EngineName[]) {
    engines.push(held.use(await openEngine(name, driver)));
  }
  refuseUnfair(engines);
  const tools: ToolPeer[] = [];
  const withTools = chosen.some((row) => row.sampleTool !== undefined);
  for (const name of (withTools ? needed.filter((peer) => !peer.startsWith("docker")) : []) as ToolKind[]) {
    tools.push(held.use(await openToolPeer(name)));
  }
  const results: RowResult[] = [];
  const preparation = held.use(new Preparation());
  for (const row of chosen) {
    await preparation.bring(row, engines);
    results.push(await measure(row, subjectsOf(row, engines, tools), await quiet(!words.includes("--no-wait"))));
    console.log(formatTable(results.slice(-1), results.length === 1));
  }
  const path = join(projectRoot, ".cache/bench", `${new Date().toISOString().replaceAll(":", "")}.json`);
  mkdirSync(join(projectRoot, ".cache/bench"), { recursive: true });
  const about = [
    ...engines.map(({ name, version, driver }) => ({ name, version, driver })),
    ...tools.map(({ name, version }) => ({ name, version, driver: name === "podman" ? "overlay" : "none" })),
  ];
  await Bun.write(path, JSON.stringify({ at: new Date().toISOString(), kernel: release(), engines: about, rows: results }, undefined, 2));
  console.log(`\n${about.map(({ name, version, driver }) => `${name} ${version} (${driver})`).join(", ")}; kernel ${release()}\n${path}`);
}

await bench(process.argv.slice(2));
