import { type FoundDevices, type HostSpec, injectDevices, namedDevices, nodePaths, type OciConfig, resolveDevices } from "#container";
import type { ContainerNeeds } from "./needs.ts";

/** The configuration with what device requests ask for. @throws internal in Docker's words: a create takes any, the start looks for them */
export async function withRequestedDevices(
  { deviceSpecs, hostDevices }: Pick<ContainerNeeds, "deviceSpecs" | "hostDevices">,
  { deviceRequests = [] }: HostSpec,
  config: OciConfig,
): Promise<OciConfig> {
  const names = namedDevices(deviceRequests, deviceSpecs.isEnabled);
  if (names.length === 0) return config;
  const edits = resolveDevices(names, await deviceSpecs.read());
  const paths = [...new Set(nodePaths(edits))];
  const devices = await Promise.all(paths.map(async (path) => [path, (await hostDevices.find(path)) ?? []] as const));
  const found: FoundDevices = new Map(devices);
  return injectDevices(config, edits, found);
}
