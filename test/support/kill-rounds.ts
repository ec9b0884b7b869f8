// kill -9 of a daemon, again and again, while containers run, write and answer. What one round finds is data; tests say what it must be.
import { expect } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inspect, list, removeForced, stdoutOf } from "./container-calls.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { openEnclosure } from "./enclosure.ts";
import { loadImage } from "./images.ts";
import { leaksSince, takeInventory } from "./leaks.ts";
import { isAlive } from "./processes.ts";
import { makePlace, type TestPlace } from "./test-place.ts";
import { waitFor } from "./wait-for.ts";
import { firstGap, PortProber, startLeaver, startWatchers, type ProbeReport, type Watcher } from "./watchers.ts";

export interface KillReport {
  /** Milliseconds from the new daemon's spawn until it answered, a round. */
  readonly ready: readonly number[];
  readonly probes: ProbeReport;
  /** Lines that each watcher wrote a second. */
  readonly rates: readonly number[];
}

interface Plan {
  readonly watchers: number;
  readonly rounds: number;
}

const firstPort = 20_000;

/** Every promise of I01 and I02 over so many rounds; the last is that nothing is left. */
export async function killRounds({ watchers: count, rounds }: Plan): Promise<KillReport> {
  await using enclosure = await openEnclosure();
  const place = makePlace();
  mkdirSync(place.execRoot, { mode: 0o711 });
  const scope = { place, enclosure };
  const before = await takeInventory(scope);
  await using daemon = await startDaemon({ place, enclosure });
  await loadImage(place.socket, "busybox");
  const watchers = await startWatchers(daemon, count, firstPort);
  const began = performance.now();
  const ready: number[] = [];
  await using prober = new PortProber(daemon, watchers);
  for (let round = 1; round <= rounds; round += 1) ready.push(await killOnce(daemon, watchers, round));
  const probes = await prober.finish();
  const rates = await stopAndRead(daemon, watchers, began);
  await Promise.all((await list(daemon, true)).map((id) => removeForced(daemon, id)));
  const trash = join(place.dataRoot, "trash");
  await waitFor(() => readdirSync(trash).length === 0, { what: "empty trash" });
  await daemon.terminate();
  expect((await leaksSince(before, scope)).filter((thing) => !standing(place).some((own) => own.test(thing)))).toEqual([]);
  return { ready, probes, rates };
}

/** The median, of an even number the upper one. */
export function middle(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** What a daemon leaves for the next one, whether anything runs or not: bridge, table, and its groups; elements are of containers. */
export function standing({ token }: TestPlace): readonly RegExp[] {
  return [
    new RegExp(`^link ${token}$`),
    new RegExp(`^nft (?:table|chain|rule|map|set) inet gantry_${token}`),
    new RegExp(`^nft element inet gantry_${token} (?:bridges|masked|internal|same|talking|homes) .*"${token}"`),
    new RegExp(`^cgroup /sys/fs/cgroup(?:/[^/]+)?/gantry-run-${token}(?:-engine|/[cm]|/daemon)?$`),
  ];
}

/** One death: two containers end while nobody looks, one by its own code and one by SIGKILL. */
async function killOnce(daemon: TestDaemon, watchers: readonly Watcher[], round: number): Promise<number> {
  const code = (round % 100) + 1;
  const leavers = [await startLeaver(daemon, code), await startLeaver(daemon, code)];
  const [own, killed] = leavers;
  if (own === undefined || killed === undefined) throw new Error("two containers were started");
  await daemon.kill();
  process.kill(own.pid, "SIGTERM");
  process.kill(killed.pid, "SIGKILL");
  await waitFor(() => leavers.every(({ pid }) => !isAlive(pid)), { what: "end of two containers while the daemon is dead" });
  expect(watchers.filter(({ pid }) => !isAlive(pid))).toEqual([]);
  const ready = await daemon.start();
  const states = await Promise.all([...watchers, ...leavers].map(async ({ id }) => (await inspect(daemon, id)).State));
  const seen = states.map(({ Status, Pid, ExitCode }) => ({ Status, Pid, ExitCode }));
  expect(seen).toEqual([
    ...watchers.map(({ pid }) => ({ Status: "running", Pid: pid, ExitCode: 0 })),
    { Status: "exited", Pid: 0, ExitCode: code },
    { Status: "exited", Pid: 0, ExitCode: 137 },
  ]);
  await Promise.all(leavers.map(({ id }) => removeForced(daemon, id)));
  return ready;
}

/** Ends the watchers, whose logs must then be whole; gives lines a second. */
async function stopAndRead(daemon: TestDaemon, watchers: readonly Watcher[], began: number): Promise<number[]> {
  const rates: number[] = [];
  for (const { id, pid } of watchers) {
    process.kill(pid, "SIGKILL");
    const seconds = (performance.now() - began) / 1000;
    await waitFor(async () => !(await inspect(daemon, id)).State.Running, { what: "exit of a watcher" });
    const log = await stdoutOf(daemon, id);
    expect(firstGap(log)).toBeUndefined();
    rates.push(Math.round(log.split("\n").length / seconds));
  }
  return rates;
}
