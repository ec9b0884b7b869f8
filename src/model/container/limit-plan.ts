import { fault } from "#base";
import type { OciLimits } from "./oci-resources.ts";
import type { BlockLimits, DeviceLimit, Resources } from "./resources.ts";
import type { OciDevice } from "./runtime.ts";
import type { HostSpec } from "./spec.ts";

/** Devices of the host by the path that a spec names them by. */
export type FoundDevices = ReadonlyMap<string, readonly OciDevice[]>;

/** What the kernel takes as shares (sched-design-CFS.rst). */
const fewestShares = 2;
const mostShares = 262_144;

/** What is to be enforced: as it was asked for, and the usual number of processes where nobody spoke of one. */
export function limitsOf({ resources, usualPidsLimit }: Pick<HostSpec, "resources" | "usualPidsLimit">): Resources {
  return usualPidsLimit === undefined || resources.pidsLimit !== undefined ? resources : { ...resources, pidsLimit: usualPidsLimit };
}

/** Limits as a runtime sets them, at the start of a container or while it runs. @throws internal in the runtime's words, as Docker does */
export function planLimits(resources: Resources, machine: { readonly swapLimit: boolean }, devices: FoundDevices): OciLimits {
  const { pidsLimit, block } = resources;
  return {
    ...whole("memory", memoryLimits(resources, machine.swapLimit)),
    ...whole("cpu", processorLimits(resources)),
    ...(pidsLimit !== undefined && pidsLimit > 0 && { pids: { limit: pidsLimit } }),
    ...(block !== undefined && whole("blockIO", blockLimits(block, devices))),
  };
}

/** Limits that an update takes away: a new group has none, and runtimes cannot say so to one that has. */
export type LiftedLimit = "pids" | "cpu";

export function liftedLimits({ pidsLimit, cpuQuota }: Resources): readonly LiftedLimit[] {
  return [...(pidsLimit === 0 ? (["pids"] as const) : []), ...((cpuQuota ?? 0) < 0 ? (["cpu"] as const) : [])];
}

function memoryLimits(resources: Resources, swapLimit: boolean): NonNullable<OciLimits["memory"]> {
  const { memory = 0, memorySwap = 0, memoryReservation = 0, swappiness, kernelMemoryTcp = 0, oomKillDisable } = resources;
  // Docker's rule: a memory limit alone allows as much swap again.
  const swap = memorySwap !== 0 ? Math.max(-1, memorySwap) : memory * 2;
  return {
    ...(memory > 0 && { limit: memory }),
    ...(memory > 0 && swapLimit && { swap }),
    ...(memoryReservation > 0 && { reservation: memoryReservation }),
    ...(kernelMemoryTcp > 0 && { kernelTCP: kernelMemoryTcp }),
    ...(swappiness !== undefined && { swappiness }),
    ...(oomKillDisable === true && { disableOOMKiller: true }),
  };
}

function processorLimits(resources: Resources): NonNullable<OciLimits["cpu"]> {
  const { nanoCpus = 0, cpuShares = 0, cpuQuota = 0, cpuPeriod = 0, realtimePeriod = 0, realtimeRuntime = 0 } = resources;
  const { cpus = "", memoryNodes = "" } = resources;
  if (cpuShares !== 0 && cpuShares < fewestShares) throw fault("internal", `the minimum allowed cpu-shares is ${fewestShares}`);
  if (cpuShares > mostShares) throw fault("internal", `the maximum allowed cpu-shares is ${mostShares}`);
  return {
    ...(nanoCpus > 0 && { quota: Math.floor(nanoCpus / 10_000), period: 100_000 }),
    ...(cpuShares > 0 && { shares: cpuShares }),
    ...(cpuQuota > 0 && { quota: cpuQuota }),
    ...(cpuPeriod !== 0 && { period: cpuPeriod }),
    ...(realtimePeriod !== 0 && { realtimePeriod }),
    ...(realtimeRuntime !== 0 && { realtimeRuntime }),
    ...(cpus !== "" && { cpus }),
    ...(memoryNodes !== "" && { mems: memoryNodes }),
  };
}

function blockLimits(block: BlockLimits, devices: FoundDevices): NonNullable<OciLimits["blockIO"]> {
  const numbered = (limits: readonly DeviceLimit[] = []): { major: number; minor: number; value: number }[] =>
    limits.map(({ path, value }) => {
      const [device] = devices.get(path) ?? [];
      if (device === undefined) throw fault("internal", `stat ${path}: no such device`);
      return { major: device.major, minor: device.minor, value };
    });
  const rates = (limits?: readonly DeviceLimit[]): { major: number; minor: number; rate: number }[] =>
    numbered(limits).map(({ value: rate, ...numbers }) => ({ ...numbers, rate }));
  const { weight, weights, readBps, writeBps, readIops, writeIops } = block;
  return {
    ...(weight !== undefined && { weight }),
    ...(weights !== undefined && { weightDevice: numbered(weights).map(({ value, ...numbers }) => ({ ...numbers, weight: value })) }),
    ...(readBps !== undefined && { throttleReadBpsDevice: rates(readBps) }),
    ...(writeBps !== undefined && { throttleWriteBpsDevice: rates(writeBps) }),
    ...(readIops !== undefined && { throttleReadIOPSDevice: rates(readIops) }),
    ...(writeIops !== undefined && { throttleWriteIOPSDevice: rates(writeIops) }),
  };
}

/** A group of limits, left out where it has none. */
function whole<Name extends keyof OciLimits>(name: Name, limits: NonNullable<OciLimits[Name]>): Pick<OciLimits, Name> | object {
  return Object.keys(limits).length === 0 ? {} : { [name]: limits };
}
