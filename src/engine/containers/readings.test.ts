import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { Usage } from "#container";
import { containerOf } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import type { Reading } from "../verbs.ts";
import { Readings, type ReadingNeeds } from "./readings.ts";
import { Roster } from "./roster.ts";
import { Sandboxes } from "./sandboxes.ts";

const up = { status: "running", pid: 1, monitorPid: 2, startedAt: 3n, stopRequested: false } as const;

interface Bench {
  readonly readings: Readings;
  readonly roster: Roster;
  /** The ids of each question to the kernel. */
  readonly asked: string[][];
}

async function open(...ids: readonly string[]): Promise<Bench> {
  const roster = new Roster(new MemoryTable());
  for (const id of ids) {
    const container = containerOf({ id, state: up });
    roster.reserve(container);
    await roster.add(container);
  }
  const asked: string[][] = [];
  const meter = {
    read: async (wanted: readonly string[]): Promise<ReadonlyMap<string, Usage>> => {
      asked.push([...wanted]);
      return new Map(wanted.map((id) => [id, { at: BigInt(asked.length) } as Usage]));
    },
  };
  const fabric = { counters: async () => new Map() } as unknown as ReadingNeeds["fabric"];
  const logger = { warn: (message: string) => expect.unreachable(message) } as unknown as ReadingNeeds["logger"];
  return { readings: new Readings({ roster, meter, fabric, logger, sandboxes: new Sandboxes(new MemoryTable()) }), roster, asked };
}

/** Lets everything happen that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

async function tick(): Promise<void> {
  jest.advanceTimersByTime(1000);
  await settle();
}

function timeOf(step: IteratorResult<Reading | undefined, void>): bigint | undefined {
  return step.done === true ? undefined : step.value?.usage.at;
}

describe("Readings", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("asks once a second for all containers together, however many listen", async () => {
    const { readings, asked } = await open("a", "b");
    const end = new AbortController();
    const listeners = ["a", "a", "b"].map((id) => readings.follow(id, end.signal));
    const first = Promise.all(listeners.map((listener) => listener.next()));
    await settle();
    await first;
    asked.length = 0;
    const second = Promise.all(listeners.map((listener) => listener.next()));
    await tick();
    expect(asked).toEqual([["a", "b"]]);
    expect((await second).map(timeOf).every((at) => at === 1n)).toBe(true);
    end.abort();
    await settle();
  });

  test("stops asking when nobody listens any more, and begins anew", async () => {
    const { readings, asked } = await open("a");
    const end = new AbortController();
    const listener = readings.follow("a", end.signal);
    await listener.next();
    expect(readings.active).toBe(true);
    end.abort();
    expect((await listener.next()).done).toBe(true);
    expect(readings.active).toBe(false);
    await tick();
    expect(asked.length).toBe(1);
    const again = readings.follow("a", new AbortController().signal);
    expect(timeOf(await again.next())).toBe(2n);
    await again.return();
    expect(readings.active).toBe(false);
  });

  test("gives a slow listener the latest reading, not all of them", async () => {
    const { readings } = await open("a");
    const slow = readings.follow("a", new AbortController().signal);
    expect(timeOf(await slow.next())).toBe(1n);
    for (let second = 0; second < 5; second += 1) await tick();
    expect(timeOf(await slow.next())).toBe(6n);
    await slow.return();
  });

  test("gives who comes between two readings the last one at once", async () => {
    const { readings, asked } = await open("a");
    const first = readings.follow("a", new AbortController().signal);
    await first.next();
    const late = readings.follow("a", new AbortController().signal);
    expect(timeOf(await late.next())).toBe(1n);
    expect(asked.length).toBe(1);
    await Promise.all([first.return(), late.return()]);
  });

  test("reads nothing of a container that does not run, and ends when it is removed", async () => {
    const { readings, roster, asked } = await open("a");
    const listener = readings.follow("a", new AbortController().signal);
    await listener.next();
    await roster.change("a", { type: "exited", exit: { code: 0, at: 9n, oomKilled: false } });
    await tick();
    expect(await listener.next()).toEqual({ done: false, value: undefined });
    expect(asked.at(-1)).toEqual([]);
    await roster.remove("a");
    const last = listener.next();
    await tick();
    expect((await last).done).toBe(true);
  });
});
