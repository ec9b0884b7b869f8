// bun run bench [--no-wait] [--peers=docker28,docker28c,docker20] [ROW...]: figures of ours beside the peers', sample by sample in turn.
// A row is chosen by the beginning of its name: S4 means S4 and S4a.
import { mkdirSync } from "node:fs";
import { loadavg, release } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../scripts/peers/forky.ts";
import { containerRows } from "./container-rows.ts";
import { counterRows } from "./counter-rows.ts";
import { daemonRows } from "./daemon-rows.ts";
import { openEngine, refuseUnfair, type Engine, type EngineName } from "./engine.ts";
import type { Row } from "./row.ts";
import { formatTable, summarize, type RowResult } from "./summary.ts";

const rows: readonly Row[] = [...containerRows, ...counterRows, ...daemonRows];
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

async function measure(row: Row, engines: readonly Engine[], wait: boolean): Promise<RowResult> {
  const measured = row.alone === true ? engines.filter(({ name }) => name === "gantry") : engines;
  await using held = new AsyncDisposableStack();
  for (const engine of measured) {
    const prepared = await row.prepare?.(engine);
    if (prepared !== undefined) held.use(prepared);
  }
  const isQuiet = await quiet(wait);
  const samples = new Map<EngineName, number[]>(measured.map(({ name }) => [name, []]));
  // The first of each warms caches and does not count; it also tells how patient to be.
  const warm = row.rounds === 1 ? [] : await inTurn(measured, row);
  const rounds = row.rounds ?? (Math.max(...warm) > slow ? 5 : 15);
  for (let round = 0; round < rounds; round++) {
    for (const engine of measured) samples.get(engine.name)?.push(await row.sample(engine));
  }
  return summarize(row, samples, { load: loadavg()[0] ?? 0, noisy: !isQuiet });
}

async function inTurn(engines: readonly Engine[], row: Row): Promise<number[]> {
  const seen: number[] = [];
  for (const engine of engines) seen.push(await row.sample(engine));
  return seen;
}

async function bench(words: readonly string[]): Promise<void> {
  const wanted = words.filter((word) => !word.startsWith("--"));
  const chosen = rows.filter(({ id }) => wanted.length === 0 || wanted.some((word) => id.startsWith(word)));
  if (chosen.length === 0) throw new Error(`no such row; there are ${rows.map(({ id }) => id).join(", ")}`);
  const named = words.find((word) => word.startsWith("--peers="))?.slice("--peers=".length);
  const peers = (named ?? "docker28,docker28c,docker20").split(",").filter((name) => name !== "") as EngineName[];
  await using held = new AsyncDisposableStack();
  const engines: Engine[] = [];
  for (const name of ["gantry", ...(chosen.every((row) => row.alone === true) ? [] : peers)] as EngineName[]) {
    engines.push(held.use(await openEngine(name)));
  }
  refuseUnfair(engines);
  const results: RowResult[] = [];
  for (const row of chosen) {
    results.push(await measure(row, engines, !words.includes("--no-wait")));
    console.log(formatTable(results.slice(-1), results.length === 1));
  }
  const path = join(projectRoot, ".cache/bench", `${new Date().toISOString().replaceAll(":", "")}.json`);
  mkdirSync(join(projectRoot, ".cache/bench"), { recursive: true });
  const about = engines.map(({ name, version, driver }) => ({ name, version, driver }));
  await Bun.write(path, JSON.stringify({ at: new Date().toISOString(), kernel: release(), engines: about, rows: results }, undefined, 2));
  console.log(`\n${about.map(({ name, version, driver }) => `${name} ${version} (${driver})`).join(", ")}; kernel ${release()}\n${path}`);
}

await bench(process.argv.slice(2));
