import type { Instant } from "#base";

/** What a container uses of the machine at one moment, as the kernel counts it: nanoseconds and bytes since it began. */
export interface Usage {
  readonly at: Instant;
  readonly cpu: CpuUsage;
  readonly memory: MemoryUsage;
  readonly block: BlockUsage;
  readonly pids: { readonly current: bigint; readonly limit?: bigint };
}

export interface CpuUsage {
  readonly total: bigint;
  readonly kernel: bigint;
  readonly user: bigint;
  /** By processor; control groups of version 1 only. */
  readonly perCpu?: readonly bigint[];
  /** What the whole machine has run and idled, over all processors. */
  readonly machine: bigint;
  readonly processors: number;
  readonly throttling: { readonly periods: bigint; readonly throttled: bigint; readonly time: bigint };
}

export interface MemoryUsage {
  readonly current: bigint;
  /** Version 1 only. */
  readonly highest?: bigint;
  /** The machine's memory where the container has no limit of its own. */
  readonly limit: bigint;
  /** How often the limit was hit. */
  readonly failures: bigint;
  /** The kernel's own counters, by name; the names differ between versions. */
  readonly counters: Readonly<Record<string, bigint>>;
}

/** One counter of one block device. */
export interface BlockCounter {
  readonly major: bigint;
  readonly minor: bigint;
  /** The kernel's word: "Read", "Write", "Total" in version 1, "read" and "write" in version 2. */
  readonly operation: string;
  readonly value: bigint;
}

export interface BlockUsage {
  readonly bytes: readonly BlockCounter[];
  /** Version 1 only. */
  readonly operations?: readonly BlockCounter[];
}

/** Reads what containers use. A container that does not run is left out; reading changes nothing and holds nothing. */
export interface Meter {
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Usage>>;
}
