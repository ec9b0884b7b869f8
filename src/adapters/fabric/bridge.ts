import { fault } from "#base";
import type { InterfaceAddress, KernelPort } from "#linux";
import { type AddressRange, chooseBridgeCidr, type Cidr, formatCidr, macOf, parseCidr } from "#network";
import type { BridgeSettings } from "./bridge-settings.ts";

/** The bridge of that name as it stands, made with the address where it is missing; one that has an address keeps it. */
export async function openBridge(
  kernel: KernelPort,
  { name, cidr, mtu, forward }: { readonly name: string; readonly cidr: string } & Pick<BridgeSettings, "mtu" | "forward">,
): Promise<Cidr & { readonly index: number }> {
  checkInterfaceName(name);
  const wanted = parseCidr(cidr);
  const standing = (await kernel.run("readLinks")).find((link) => link.name === name);
  if (standing !== undefined && standing.kind !== "bridge")
    throw fault("invalid", `bridge ${JSON.stringify(name)} is an interface of another kind`);
  const bridge = await kernel.run("ensureBridge", name, macOf(wanted.address), { ...wanted, mtu });
  // Without forwarding no packet passes between the bridge and anywhere; with route_localnet a port published on 127.0.0.1 finds back.
  if (forward) await kernel.run("enableNetworkSetting", "ipv4/ip_forward");
  await kernel.run("enableNetworkSetting", `ipv4/conf/${name}/route_localnet`);
  return bridge;
}

/**
 * The bridge address for a daemon that was given none: what the standing bridge has, else the first pool that no route overlaps.
 * @throws conflict when every pool is in use
 */
export async function freeBridgeCidr(kernel: KernelPort, bridge: string, ranges: readonly AddressRange[] = []): Promise<string> {
  const standing = await kernel.run("readAddresses", bridge);
  const own = standing?.[0];
  if (own !== undefined) return formatCidr(own);
  const routes = await kernel.run("readRoutes");
  return chooseBridgeCidr(
    routes.map((route: InterfaceAddress) => formatCidr(route)),
    ranges,
  );
}

function checkInterfaceName(name: string): void {
  if (!/^[\w.-]{1,15}$/.test(name) || name === "." || name === "..") {
    throw fault("invalid", `invalid bridge name ${JSON.stringify(name)}: 1 to 15 letters, digits, dots, dashes and underscores`);
  }
}
