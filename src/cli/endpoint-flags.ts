// Flags of `create` and `run` about the container's place in its network.
import { type Flag, type FlagValues, list, text } from "./flag.ts";

export const endpointFlags: readonly Flag[] = [
  text("ip", "IPv4 address (e.g., 172.30.100.104)"),
  text("ip6", "IPv6 address (e.g., 2001:db8::33)"),
  list("link", "Add link to another container"),
  list("link-local-ip", "Container IPv4/IPv6 link-local addresses"),
  text("mac-address", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  list("net-alias", "Add network-scoped alias for the container", { hidden: true, aliasOf: "network-alias" }),
  list("network-alias", "Add network-scoped alias for the container"),
];

/** NetworkingConfig of a request; absent where nothing was asked. @throws Error in Docker's words */
export function endpointOf(flags: FlagValues, network: string): { readonly NetworkingConfig?: object } {
  const aliases = flags.list("network-alias");
  const mac = flags.text("mac-address");
  const standing = ["", "default", "bridge", "host", "none"].includes(network) || network.startsWith("container:");
  if (aliases.length > 0 && standing) throw new Error("network-scoped aliases are only supported for user-defined networks");
  if (mac !== "" && !/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(mac)) throw new Error(`${mac} is not a valid mac address`);
  const addresses = {
    ...(flags.text("ip") !== "" && { IPv4Address: flags.text("ip") }),
    ...(flags.text("ip6") !== "" && { IPv6Address: flags.text("ip6") }),
    ...(flags.list("link-local-ip").length > 0 && { LinkLocalIPs: flags.list("link-local-ip") }),
  };
  const endpoint = {
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
    ...(aliases.length > 0 && { Aliases: aliases }),
    ...(mac !== "" && { MacAddress: mac }),
  };
  if (Object.keys(endpoint).length === 0) return {};
  return { NetworkingConfig: { EndpointsConfig: { [network === "" ? "default" : network]: endpoint } } };
}
