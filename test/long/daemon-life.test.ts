import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { create, inspect, list, removeForced, start, startNew, wait } from "../support/container-calls.ts";
import { middle } from "../support/kill-rounds.ts";
import { isAlive } from "../support/processes.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";

let settled: SettledDaemon;

beforeAll(async () => {
  settled = await startSettledDaemon();
}, 60_000);

afterAll(() => settled[Symbol.asyncDispose](), 120_000);

/** So many times, at most ten at once. */
async function inTens<Result>(count: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < count) results.push(...(await Promise.all(Array.from({ length: Math.min(10, count - results.length) }, work))));
  return results;
}

const startSleeper = (): Promise<string> => startNew(settled.daemon, { Cmd: ["sleep", "100000"] });

async function removeAll(ids: readonly string[]): Promise<void> {
  const left = ids.values();
  await inTens(ids.length, async () => {
    const { value } = left.next();
    if (value !== undefined) await removeForced(settled.daemon, value);
  });
}

test("I02 a daemon with 100 running containers is back within a second of its death", async () => {
  const { daemon } = settled;
  const ids = await inTens(100, startSleeper);
  const ready: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    await daemon.kill();
    ready.push(await daemon.start());
    expect((await list(daemon)).length).toBe(ids.length);
  }
  expect(middle(ready)).toBeLessThan(1_000);
  await removeAll(ids);
  expect(await settled.leaks()).toEqual([]);
}, 300_000);

test("I04 a hundred monitors that die are noticed within 5 s, and everything of theirs can be removed", async () => {
  const { daemon } = settled;
  const ids = await inTens(100, startSleeper);
  const pids = await Promise.all(ids.map(async (id) => (await inspect(daemon, id)).State.Pid));
  const codes = Promise.all(ids.map((id) => wait(daemon, id)));
  const began = performance.now();
  for (const pid of pids) {
    const monitor = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    process.kill(monitor, "SIGKILL");
  }
  for (const code of await codes) expect([137, 255]).toContain(code);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(pids.filter(isAlive)).toEqual([]);
  await removeAll(ids);
  expect(await settled.leaks()).toEqual([]);
}, 300_000);

test("I05 5,000 lives of containers leave nothing, and the daemon with as many descriptors as before", async () => {
  const { daemon } = settled;
  const open = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;
  const life = async (): Promise<void> => {
    const id = await create(daemon, { Cmd: ["echo", "life"] });
    await start(daemon, id);
    expect(await wait(daemon, id)).toBe(0);
    await removeForced(daemon, id);
  };
  await inTens(10, life);
  const descriptors = open();
  await inTens(5_000, life);
  expect(await settled.leaks()).toEqual([]);
  expect(open()).toBeLessThanOrEqual(descriptors);
}, 3_600_000);
