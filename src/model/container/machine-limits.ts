/** Which limits this machine's kernel can enforce. */
export interface MachineLimits {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly reservation: boolean;
  readonly swappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly pids: boolean;
  readonly cpuShares: boolean;
  readonly cpuQuota: boolean;
  readonly realtime: boolean;
  readonly cpuset: boolean;
  readonly blockWeight: boolean;
  readonly blockWeights: boolean;
  readonly blockThrottling: boolean;
  /** How many processors there are. */
  readonly processors: number;
  /** Those that a container may be given: "0-3". */
  readonly cpus: string;
  readonly memoryNodes: string;
}
