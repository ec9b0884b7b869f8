import { fault } from "#base";
import type { BlockLimits, DeviceLimit, FoundDevices, HostSpec, OciDevice } from "#container";
import type { ContainerNeeds } from "./needs.ts";

/** Looks for the host's devices that a spec names, each path once. @throws internal with Docker's words for one that is none */
export async function findDevices({ hostDevices }: Pick<ContainerNeeds, "hostDevices">, host: HostSpec): Promise<FoundDevices> {
  const found = new Map<string, readonly OciDevice[]>();
  const look = async (path: string, describe: (reason: string) => string): Promise<void> => {
    if (found.has(path)) return;
    const devices = path === "" ? undefined : await hostDevices.find(path);
    if (devices === undefined) throw fault("internal", describe("no such file or directory"));
    if (devices.length === 0) throw fault("internal", describe("not a device node"));
    found.set(path, devices);
  };
  for (const { source } of host.devices ?? [])
    await look(source, (reason) => `error gathering device information while adding custom device "${source}": ${reason}`);
  for (const { path } of limitedDevices(host.resources.block)) await look(path, (reason) => `stat ${path}: ${reason}`);
  return found;
}

function limitedDevices(block: BlockLimits = {}): readonly DeviceLimit[] {
  const { weights = [], readBps = [], writeBps = [], readIops = [], writeIops = [] } = block;
  return [weights, readBps, writeBps, readIops, writeIops].flat();
}
