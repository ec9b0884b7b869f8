/** A limit of one block device, by its path on the host: bytes or operations a second, or a weight. */
export interface DeviceLimit {
  readonly path: string;
  readonly value: number;
}

/** Limits of block devices, by what is limited. */
export interface BlockLimits {
  readonly weight?: number;
  readonly weights?: readonly DeviceLimit[];
  readonly readBps?: readonly DeviceLimit[];
  readonly writeBps?: readonly DeviceLimit[];
  readonly readIops?: readonly DeviceLimit[];
  readonly writeIops?: readonly DeviceLimit[];
}

/** Limits that the kernel enforces; absent means none. */
export interface Resources {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes, memory and swap together; below zero is unlimited. */
  readonly memorySwap?: number;
  /** Bytes that are left to it when memory runs short. */
  readonly memoryReservation?: number;
  /** 0 to 100. */
  readonly swappiness?: number;
  readonly oomKillDisable?: boolean;
  /** Bytes of TCP buffers. */
  readonly kernelMemoryTcp?: number;
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
  /** Microseconds of processor time in each period; below zero is unlimited. */
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly realtimePeriod?: number;
  readonly realtimeRuntime?: number;
  /** "0-2,7" */
  readonly cpus?: string;
  readonly memoryNodes?: string;
  /** 0 takes an earlier limit away. */
  readonly pidsLimit?: number;
  readonly block?: BlockLimits;
}
