import { fault } from "#base";
import type { Resources } from "./resources.ts";

/** Fields that an update may replace, as Docker has it. */
const changeable = [
  "memory",
  "memorySwap",
  "memoryReservation",
  "nanoCpus",
  "cpuShares",
  "cpuQuota",
  "cpuPeriod",
  "realtimePeriod",
  "realtimeRuntime",
  "cpus",
  "memoryNodes",
  "pidsLimit",
] as const satisfies readonly (keyof Resources)[];

/** The limits after an update: what it names is replaced, the rest stays. @throws conflict where old and new contradict each other */
export function changeLimits(current: Resources, change: Resources): Resources {
  const { memory = 0, nanoCpus = 0, cpuPeriod = 0, cpuQuota = 0 } = change;
  const clash = (one: string, other: string): Error =>
    fault("conflict", `Conflicting options: ${one} cannot be updated as ${other} has already been set`);
  if (nanoCpus > 0 && (current.cpuPeriod ?? 0) > 0) throw clash("Nano CPUs", "CPU Period");
  if (nanoCpus > 0 && (current.cpuQuota ?? 0) > 0) throw clash("Nano CPUs", "CPU Quota");
  if (cpuPeriod > 0 && (current.nanoCpus ?? 0) > 0) throw clash("CPU Period", "NanoCPUs");
  if (cpuQuota > 0 && (current.nanoCpus ?? 0) > 0) throw clash("CPU Quota", "NanoCPUs");
  if (memory > 0 && change.memorySwap === undefined && memory > (current.memorySwap ?? 0)) {
    throw fault("conflict", "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
  }
  const block = change.block?.weight === undefined ? current.block : { ...current.block, weight: change.block.weight };
  const taken = Object.fromEntries(changeable.filter((name) => change[name] !== undefined).map((name) => [name, change[name]]));
  return { ...current, ...taken, ...(block !== undefined && { block }) };
}
