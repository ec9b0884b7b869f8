// The daemon itself: how soon it answers, what it holds.
import { readFileSync } from "node:fs";
import type { Engine } from "./engine.ts";
import { populateStopped } from "./populated.ts";
import type { Row } from "./row.ts";

const idleSeconds = 30;

/** Megabytes of resident memory. */
function residentMemory(pids: readonly number[]): number {
  return pids
    .map((pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024)
    .reduce((sum, size) => sum + size, 0);
}

async function memoryAfterStart(engine: Engine): Promise<number> {
  await engine.restart();
  await Bun.sleep(idleSeconds * 1_000);
  return residentMemory(engine.pids());
}

export const daemonRows: readonly Row[] = [
  {
    id: "A6",
    title: `resident memory ${idleSeconds} s after start, daemon and containerd`,
    unit: "MB",
    bound: 80,
    rounds: 1,
    sample: memoryAfterStart,
  },
  {
    id: "A5",
    title: "start to first answer with 1,000 stopped containers",
    unit: "ms",
    floor: 20,
    rounds: 5,
    prepare: populateStopped,
    sample: (engine) => engine.restart(),
  },
  {
    id: "A5m",
    title: `resident memory ${idleSeconds} s after start with 1,000 stopped containers`,
    unit: "MB",
    bound: 100,
    rounds: 1,
    prepare: populateStopped,
    sample: memoryAfterStart,
  },
];
