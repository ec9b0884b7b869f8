import { fault } from "#base";
import type { BlockLimits, DeviceLimit, Resources } from "#container";
import type { ResourcesRequest } from "#wire";

/** The limits that a request asks for; what is zero, or empty, asks for none. @throws invalid for what is Windows' alone */
export function readResources(asked: ResourcesRequest, warnings: string[]): Resources {
  refuseCrowds(asked);
  refuseWindows(asked, warnings);
  const { Memory: memory, MemorySwap: swap, MemorySwappiness: swappiness, PidsLimit: pids } = asked;
  return {
    ...nonZero("memory", memory),
    // Docker's rule: a memory limit alone allows as much swap again.
    ...nonZero("memorySwap", swap === 0 && memory > 0 ? memory * 2 : swap),
    ...nonZero("memoryReservation", asked.MemoryReservation),
    ...(swappiness !== undefined && swappiness !== -1 && { swappiness }),
    ...(asked.OomKillDisable === true && { oomKillDisable: true }),
    ...nonZero("kernelMemoryTcp", asked.KernelMemoryTCP),
    ...nonZero("nanoCpus", asked.NanoCpus),
    ...nonZero("cpuShares", asked.CpuShares),
    ...nonZero("cpuQuota", asked.CpuQuota),
    ...nonZero("cpuPeriod", asked.CpuPeriod),
    ...nonZero("realtimePeriod", asked.CpuRealtimePeriod),
    ...nonZero("realtimeRuntime", asked.CpuRealtimeRuntime),
    ...(asked.CpusetCpus !== "" && { cpus: asked.CpusetCpus }),
    ...(asked.CpusetMems !== "" && { memoryNodes: asked.CpusetMems }),
    ...(pids !== undefined && pids > 0 && { pidsLimit: pids }),
    ...blockOf(asked),
  };
}

/** Limits of an update: swap is not made up, and a limit of processes can be taken away. @throws invalid */
export function readChangedResources(asked: ResourcesRequest, warnings: string[]): Resources {
  const { MemorySwap: swap, PidsLimit: pids } = asked;
  const { memorySwap: _made, pidsLimit: _positive, ...rest } = readResources(asked, warnings);
  return { ...rest, ...nonZero("memorySwap", swap), ...(pids !== undefined && { pidsLimit: Math.max(0, pids) }) };
}

/** No host has more devices, and no process more kinds of limits; a list that is longer only costs time and room. */
const mostEntries = 1000;

const lists = [
  "BlkioWeightDevice",
  "BlkioDeviceReadBps",
  "BlkioDeviceWriteBps",
  "BlkioDeviceReadIOps",
  "BlkioDeviceWriteIOps",
  "Devices",
  "DeviceCgroupRules",
  "DeviceRequests",
  "Ulimits",
] as const satisfies readonly (keyof ResourcesRequest)[];

function refuseCrowds(asked: ResourcesRequest): void {
  for (const name of lists)
    if (asked[name].length > mostEntries)
      throw fault("invalid", `HostConfig.${name} has ${asked[name].length} entries, ${mostEntries} at most`);
}

function refuseWindows(asked: ResourcesRequest, warnings: string[]): void {
  if (asked.IOMaximumIOps !== 0) throw fault("invalid", "invalid option: QoS maximum IOPs configuration is not supported on linux");
  if (asked.IOMaximumBandwidth !== 0)
    throw fault("invalid", "invalid option: QoS maximum bandwidth configuration is not supported on linux");
  if (asked.CpuPercent > 0) warnings.push("linux does not support CPU percent. Percent discarded.");
}

function blockOf(asked: ResourcesRequest): { readonly block?: BlockLimits } {
  const block: BlockLimits = {
    ...nonZero("weight", asked.BlkioWeight),
    ...(asked.BlkioWeightDevice.length > 0 && {
      weights: asked.BlkioWeightDevice.map(({ Path: path, Weight: value }): DeviceLimit => ({ path, value })),
    }),
    ...rates("readBps", asked.BlkioDeviceReadBps),
    ...rates("writeBps", asked.BlkioDeviceWriteBps),
    ...rates("readIops", asked.BlkioDeviceReadIOps),
    ...rates("writeIops", asked.BlkioDeviceWriteIOps),
  };
  return Object.keys(block).length === 0 ? {} : { block };
}

function rates<Name extends string>(name: Name, limits: ResourcesRequest["BlkioDeviceReadBps"]): { readonly [N in Name]?: DeviceLimit[] } {
  return (limits.length === 0 ? {} : { [name]: limits.map(({ Path: path, Rate: value }) => ({ path, value })) }) as {
    readonly [N in Name]?: DeviceLimit[];
  };
}

function nonZero<Name extends string>(name: Name, value: number): { readonly [N in Name]?: number } {
  return (value === 0 ? {} : { [name]: value }) as { readonly [N in Name]?: number };
}
