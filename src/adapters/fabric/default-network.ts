import { EngineError, fault, messageOf, type Place } from "#base";
import type { KernelPort } from "#linux";
import { type BridgeNetwork, type Cidr, formatCidr, formatIpv4, networkOf, parseCidr, parseIpv4 } from "#network";
import { openBridge } from "./bridge.ts";
import type { BridgeSettings } from "./bridge-settings.ts";

/** The network of the default bridge, which keeps the address that it has. @throws invalid for settings that do not go with it */
export async function defaultNetwork(
  kernel: KernelPort,
  { bridge, bridgeCidr }: Pick<Place, "bridge" | "bridgeCidr">,
  settings: BridgeSettings,
): Promise<BridgeNetwork> {
  const { mtu, forward, icc, masquerade, publishAddress, fixedCidr } = settings;
  const standing = await openBridge(kernel, { name: bridge, cidr: bridgeCidr, mtu, forward }).catch((error: unknown) => {
    if (error instanceof EngineError) throw error;
    throw fault("unavailable", `cannot set up the network of bridge ${bridge}: ${messageOf(error)}`, { cause: error });
  });
  const subnet = networkOf(standing);
  return {
    id: "",
    name: "bridge",
    bridge,
    subnet: formatCidr(subnet),
    gateway: gatewayOf(standing, settings),
    bridgeAddress: formatIpv4(standing.address),
    ...(fixedCidr !== undefined && { range: formatCidr(parseCidr(fixedCidr)) }),
    reserved: [],
    internal: false,
    icc,
    masquerade,
    mtu,
    publishAddress,
    interfacePrefix: "eth",
  };
}

/** Where containers send what is not for their own network. @throws invalid for an address that is not on the bridge's */
function gatewayOf(bridge: Cidr, { gateway }: BridgeSettings): string {
  if (gateway === undefined) return formatIpv4(bridge.address);
  const address = parseIpv4(gateway);
  if (address === undefined || networkOf({ ...bridge, address }).address !== networkOf(bridge).address)
    throw fault("invalid", `default-gateway ${gateway} is not in the bridge's network ${formatCidr(networkOf(bridge))}`);
  return gateway;
}
