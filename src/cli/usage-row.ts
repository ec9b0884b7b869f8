import { formatSize } from "#base";
import type { StatsReply } from "#client";
import { binarySize } from "./human.ts";

/** What a container uses, in the numbers that people look at. */
export interface UsageFigures {
  /** Of one processor, in percent. */
  readonly cpu: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
  readonly processes: number;
}

/** Makes the figures as Docker's client does. */
export function usageFigures(stats: StatsReply): UsageFigures {
  const links = Object.values(stats.networks ?? {});
  const blocks = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  const moved = (letter: string): number => sum(blocks.filter(({ op }) => op.toLowerCase().startsWith(letter)).map(({ value }) => value));
  return {
    cpu: cpuPercent(stats),
    memory: memoryInUse(stats),
    memoryLimit: stats.memory_stats.limit ?? 0,
    received: sum(links.map((link) => link.rx_bytes)),
    sent: sum(links.map((link) => link.tx_bytes)),
    read: moved("r"),
    written: moved("w"),
    processes: stats.pids_stats?.current ?? 0,
  };
}

/** A line of `stats`, by Docker's names for the columns. Keys are in the order of their names, as the JSON has them. */
export interface UsageRow {
  readonly BlockIO: string;
  readonly CPUPerc: string;
  readonly Container: string;
  readonly ID: string;
  readonly MemPerc: string;
  readonly MemUsage: string;
  readonly Name: string;
  readonly NetIO: string;
  readonly PIDs: string;
}

interface Named {
  readonly container: string;
  readonly id: string;
  readonly name: string;
}

/** Without figures, as of a container that is gone, every number is "--". */
export function usageRow({ container, id, name }: Named, figures: UsageFigures | undefined): UsageRow {
  const cells = figures === undefined ? unknownCells : cellsOf(figures);
  const { BlockIO, CPUPerc, MemPerc, MemUsage, NetIO, PIDs } = cells;
  return { BlockIO, CPUPerc, Container: container, ID: id, MemPerc, MemUsage, Name: name, NetIO, PIDs };
}

type Cells = Omit<UsageRow, "Container" | "ID" | "Name">;

const unknownCells: Cells = { BlockIO: "--", CPUPerc: "--", MemPerc: "--", MemUsage: "-- / --", NetIO: "--", PIDs: "--" };

function cellsOf(figures: UsageFigures): Cells {
  const { cpu, memory, memoryLimit, received, sent, read, written, processes } = figures;
  return {
    BlockIO: `${formatSize(read, 3)} / ${formatSize(written, 3)}`,
    CPUPerc: `${cpu.toFixed(2)}%`,
    MemPerc: `${(memoryLimit === 0 ? 0 : (memory / memoryLimit) * 100).toFixed(2)}%`,
    MemUsage: `${binarySize(memory)} / ${binarySize(memoryLimit)}`,
    NetIO: `${formatSize(received, 3)} / ${formatSize(sent, 3)}`,
    PIDs: String(processes),
  };
}

function cpuPercent({ cpu_stats: now, precpu_stats: before }: StatsReply): number {
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const processors = now.online_cpus ?? now.cpu_usage.percpu_usage?.length ?? 0;
  return own > 0 && all > 0 ? (own / all) * processors * 100 : 0;
}

/** Without the files in memory that the kernel may drop at any time; their counter's name tells the version of the control groups. */
function memoryInUse({ memory_stats: memory }: StatsReply): number {
  const usage = memory.usage ?? 0;
  const first = memory.stats?.["total_inactive_file"];
  if (first !== undefined && first < usage) return usage - first;
  const second = memory.stats?.["inactive_file"] ?? 0;
  return second < usage ? usage - second : usage;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
