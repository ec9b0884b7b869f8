// Which limits the mounted control groups can enforce: in version 1 a file stands for each, in version 2 a controller for several
// (cgroup-v1/*.rst, cgroup-v2.rst).
import { existsSync, readFileSync } from "node:fs";
import type { CgroupLayout } from "./cgroup-layout.ts";

export interface EnforcedLimits {
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
  readonly processors: number;
  readonly cpus: string;
  readonly memoryNodes: string;
}

export function readEnforcedLimits(layout: CgroupLayout): Omit<EnforcedLimits, "swap"> {
  return layout.version === 1 ? ofFirst(layout.hierarchies) : ofSecond(layout.hierarchies[""] ?? "");
}

function ofFirst(hierarchies: CgroupLayout["hierarchies"]): Omit<EnforcedLimits, "swap"> {
  const path = (controller: string, name: string): string | undefined => {
    const root = hierarchies[controller];
    return root === undefined ? undefined : `${root}/${controller}.${name}`;
  };
  const has = (controller: string, name: string): boolean => existsSync(path(controller, name) ?? "");
  const read = (controller: string, name: string): string => readOr(path(controller, name));
  return {
    memory: hierarchies["memory"] !== undefined,
    reservation: has("memory", "soft_limit_in_bytes"),
    swappiness: has("memory", "swappiness"),
    oomKillDisable: has("memory", "oom_control"),
    pids: hierarchies["pids"] !== undefined,
    cpuShares: has("cpu", "shares"),
    cpuQuota: has("cpu", "cfs_quota_us"),
    realtime: has("cpu", "rt_period_us"),
    cpuset: hierarchies["cpuset"] !== undefined,
    blockWeight: has("blkio", "weight"),
    blockWeights: has("blkio", "weight_device"),
    blockThrottling: has("blkio", "throttle.read_bps_device"),
    processors: navigator.hardwareConcurrency,
    cpus: read("cpuset", "cpus"),
    memoryNodes: read("cpuset", "mems"),
  };
}

function ofSecond(root: string): Omit<EnforcedLimits, "swap"> {
  const controllers = new Set(readOr(`${root}/cgroup.controllers`).split(" "));
  const [memory, cpu, io] = ["memory", "cpu", "io"].map((name) => controllers.has(name)) as [boolean, boolean, boolean];
  return {
    memory,
    reservation: memory,
    swappiness: false,
    oomKillDisable: false,
    pids: controllers.has("pids"),
    cpuShares: cpu,
    cpuQuota: cpu,
    realtime: false,
    cpuset: controllers.has("cpuset"),
    blockWeight: io,
    blockWeights: io,
    blockThrottling: io,
    processors: navigator.hardwareConcurrency,
    cpus: readOr(`${root}/cpuset.cpus.effective`),
    memoryNodes: readOr(`${root}/cpuset.mems.effective`),
  };
}

function readOr(path: string | undefined): string {
  return path !== undefined && existsSync(path) ? readFileSync(path, "utf8").trim() : "";
}
