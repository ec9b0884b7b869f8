import { wordsOf } from "./kernel-text.ts";

/** What every reading needs of the machine: how long it has run and idled, and its memory. */
export interface MachineUse {
  /** Nanoseconds over all processors, as Docker counts them. */
  readonly time: bigint;
  readonly processors: number;
  readonly memory: bigint;
}

export const machineFiles = ["/proc/stat", "/proc/meminfo"] as const;

/** Nanoseconds of a tick: the kernel counts in hundredths of a second towards programs (USER_HZ). */
export const tick = 10_000_000n;

/** How many of the times in /proc/stat count: user, nice, system, idle, iowait, irq, softirq; the others are in these, or are not ours. */
const counted = 7;

/** Reads the texts of `machineFiles`. */
export function readMachineUse([stat = "", meminfo = ""]: readonly (string | undefined)[]): MachineUse {
  const lines = stat.split("\n");
  const times = wordsOf(lines[0] ?? "").slice(1, 1 + counted);
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? "0";
  return {
    time: times.reduce((sum, word) => sum + BigInt(word), 0n) * tick,
    processors: lines.filter((line) => /^cpu\d/.test(line)).length,
    memory: BigInt(total) * 1024n,
  };
}
