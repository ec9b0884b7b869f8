// What Docker says to limits that are wrong, and to those that this machine's kernel cannot enforce: the words are Docker's, since
// scripts look for them.
import { fault } from "#base";
import { isWithin } from "./cpu-list.ts";
import type { MachineLimits } from "./machine-limits.ts";
import type { BlockLimits, Resources } from "./resources.ts";

export interface CheckedLimits {
  /** What is left to be enforced. */
  readonly resources: Resources;
  readonly warnings: readonly string[];
}

const leastMemory = 6 << 20;

/** An update may say half of what the container has already. */
export interface CheckOptions {
  readonly update: boolean;
}

/** Refuses what makes no sense; drops with a warning what this kernel cannot do. @throws invalid */
export function checkLimits(asked: Resources, machine: MachineLimits, options: CheckOptions): CheckedLimits {
  const warnings: string[] = [];
  const without = [memoryWithout, processorsWithout, blockWithout].map((rules) => rules(asked, machine, { warnings, ...options }));
  const resources: Resources = Object.assign({}, asked, ...without);
  return { resources: withoutUndefined(resources), warnings };
}

interface Rules extends CheckOptions {
  readonly warnings: string[];
}

/** Fields that are to be replaced; undefined takes one out. */
type Replaced = { readonly [Name in keyof Resources]?: Resources[Name] | undefined };

function refused(message: string): Error {
  return fault("invalid", message);
}

function lacks(what: string, then: string): string {
  return `Your kernel does not support ${what} or the cgroup is not mounted. ${then}`;
}

function memoryWithout(asked: Resources, machine: MachineLimits, { warnings, update }: Rules): Replaced {
  const { memory = 0, memorySwap = 0, memoryReservation = 0, swappiness, oomKillDisable, pidsLimit } = asked;
  const replaced: { -readonly [Name in keyof Replaced]: Replaced[Name] } = {};
  if (memory !== 0 && memory < leastMemory) throw refused("Minimum memory limit allowed is 6MB");
  if (memory > 0 && !machine.memory) {
    warnings.push(lacks("memory limit capabilities", "Limitation discarded."));
    replaced.memory = undefined;
    replaced.memorySwap = -1;
  } else if (memory > 0 && memorySwap !== -1 && !machine.swap) {
    warnings.push(lacks("swap limit capabilities", "Memory limited without swap."));
    replaced.memorySwap = -1;
  }
  const swap = replaced.memorySwap ?? memorySwap;
  if (memory > 0 && swap > 0 && swap < memory) throw refused("Minimum memoryswap limit should be larger than memory limit, see usage");
  if (memory === 0 && swap > 0 && !update) throw refused("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (swappiness !== undefined && !machine.swappiness) {
    warnings.push(lacks("memory swappiness capabilities", "Memory swappiness discarded."));
    replaced.swappiness = undefined;
  } else if (swappiness !== undefined && (swappiness < 0 || swappiness > 100)) {
    throw refused(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  if (memoryReservation > 0 && !machine.reservation) {
    warnings.push(lacks("memory soft limit capabilities", "Limitation discarded."));
    replaced.memoryReservation = undefined;
  } else if (memoryReservation > 0) {
    if (memoryReservation < leastMemory) throw refused("Minimum memory reservation allowed is 6MB");
    if (memory > 0 && memory < memoryReservation)
      throw refused("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  if (oomKillDisable === true && !machine.oomKillDisable) {
    warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    replaced.oomKillDisable = undefined;
  } else if (oomKillDisable === true && memory === 0) {
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
    );
  }
  if (pidsLimit !== undefined && !machine.pids) {
    if (pidsLimit > 0) warnings.push(lacks("PIDs limit capabilities", "PIDs limit discarded."));
    replaced.pidsLimit = undefined;
  }
  return replaced;
}

function processorsWithout(asked: Resources, machine: MachineLimits, { warnings, update }: Rules): Replaced {
  const { nanoCpus = 0, cpuShares = 0, cpuPeriod = 0, cpuQuota = 0, realtimePeriod = 0, realtimeRuntime = 0 } = asked;
  const replaced: { -readonly [Name in keyof Replaced]: Replaced[Name] } = {};
  if (nanoCpus > 0 && cpuPeriod > 0) throw refused("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (nanoCpus > 0 && cpuQuota > 0) throw refused("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  if (nanoCpus > 0 && !machine.cpuQuota)
    throw refused("NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted");
  const { processors } = machine;
  if (nanoCpus < 0 || nanoCpus > processors * 1e9)
    throw refused(`range of CPUs is from 0.01 to ${processors}.00, as there are only ${processors} CPUs available`);
  if (cpuShares < 0 && !update) throw refused(`invalid CPU shares (${cpuShares}): value must be a positive integer`);
  if (cpuShares > 0 && !machine.cpuShares) {
    warnings.push(lacks("CPU shares", "Shares discarded."));
    replaced.cpuShares = undefined;
  }
  if ((cpuPeriod !== 0 || cpuQuota !== 0) && !machine.cpuQuota) {
    warnings.push("Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.");
    Object.assign(replaced, { cpuPeriod: undefined, cpuQuota: undefined });
  } else {
    if (cpuPeriod !== 0 && (cpuPeriod < 1000 || cpuPeriod > 1_000_000))
      throw refused("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    if (cpuQuota > 0 && cpuQuota < 1000) throw refused("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  }
  if ((realtimePeriod !== 0 || realtimeRuntime !== 0) && !machine.realtime)
    throw refused("Your kernel does not support CPU real-time scheduler");
  if (realtimePeriod !== 0 && realtimeRuntime > realtimePeriod)
    throw refused("cpu real-time runtime cannot be higher than cpu real-time period");
  return { ...replaced, ...cpusetWithout(asked, machine, warnings) };
}

function cpusetWithout({ cpus = "", memoryNodes = "" }: Resources, machine: MachineLimits, warnings: string[]): Replaced {
  if ((cpus !== "" || memoryNodes !== "") && !machine.cpuset) {
    warnings.push(lacks("cpuset", "Cpuset discarded."));
    return { cpus: undefined, memoryNodes: undefined };
  }
  if (!isWithin(cpus, machine.cpus, "cpuset cpus"))
    throw refused(`Requested CPUs are not available - requested ${cpus}, available: ${machine.cpus}`);
  if (!isWithin(memoryNodes, machine.memoryNodes, "cpuset mems"))
    throw refused(`Requested memory nodes are not available - requested ${memoryNodes}, available: ${machine.memoryNodes}`);
  return {};
}

const throttles = [
  ["readBps", "BPS Block I/O read limit", "Block I/O BPS read limit discarded."],
  ["writeBps", "BPS Block I/O write limit", "Block I/O BPS write limit discarded."],
  ["readIops", "IOPS Block read limit", "Block I/O IOPS read limit discarded."],
  ["writeIops", "IOPS Block write limit", "Block I/O IOPS write limit discarded."],
] as const;

function blockWithout({ block = {} }: Resources, machine: MachineLimits, { warnings }: Rules): Replaced {
  const left: { -readonly [Name in keyof BlockLimits]: BlockLimits[Name] } = { ...block };
  if (left.weight !== undefined && !machine.blockWeight) {
    warnings.push(lacks("Block I/O weight", "Weight discarded."));
    delete left.weight;
  }
  if (left.weight !== undefined && (left.weight < 10 || left.weight > 1000)) throw refused("Range of blkio weight is from 10 to 1000");
  if (left.weights !== undefined && !machine.blockWeights) {
    warnings.push(lacks("Block I/O weight_device", "Weight-device discarded."));
    delete left.weights;
  }
  for (const [name, what, then] of throttles) {
    if (left[name] === undefined || machine.blockThrottling) continue;
    warnings.push(lacks(what, then));
    delete left[name];
  }
  return { block: Object.keys(left).length === 0 ? undefined : left };
}

function withoutUndefined(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
}
