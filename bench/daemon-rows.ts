// The daemon itself: how soon it answers, what it holds.
import { readFileSync } from "node:fs";
import { ask, type Engine } from "./engine.ts";
import type { Row } from "./row.ts";

const stoppedContainers = 1_000;
const idleSeconds = 30;

/** The same number on every engine, made ten at a time. */
async function createMany(engine: Engine): Promise<AsyncDisposable> {
  const names = Array.from({ length: stoppedContainers }, (_, at) => `stopped-${at}`);
  const each = async (work: (name: string) => Promise<unknown>): Promise<void> => {
    const waiting = [...names];
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await work(name);
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  };
  await each((name) => ask(engine, "POST", `/containers/create?name=${name}`, { Image: "busybox", Cmd: ["true"] }));
  return { [Symbol.asyncDispose]: () => each((name) => ask(engine, "DELETE", `/containers/${name}`)) };
}

/** Megabytes of resident memory. */
function residentMemory(pids: readonly number[]): number {
  return pids
    .map((pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024)
    .reduce((sum, size) => sum + size, 0);
}

export const daemonRows: readonly Row[] = [
  {
    id: "A5",
    title: `start to first answer with ${stoppedContainers} stopped containers`,
    unit: "ms",
    floor: 10,
    rounds: 5,
    prepare: createMany,
    sample: (engine) => engine.restart(),
  },
  {
    id: "A6",
    title: `resident memory ${idleSeconds} s after start, daemon and containerd`,
    unit: "MB",
    bound: 80,
    rounds: 1,
    async sample(engine): Promise<number> {
      await engine.restart();
      await Bun.sleep(idleSeconds * 1_000);
      return residentMemory(engine.pids());
    },
  },
];
