// Flags of `create` and `run` about the container's place in its network.
import { csvFields } from "./csv-fields.ts";
import { type Flag, type FlagValues, list, text } from "./flag.ts";
import { splitOnce } from "./pairs.ts";

export const endpointFlags: readonly Flag[] = [
  text("ip", "IPv4 address (e.g., 172.30.100.104)"),
  text("ip6", "IPv6 address (e.g., 2001:db8::33)"),
  list("link", "Add link to another container"),
  list("link-local-ip", "Container IPv4/IPv6 link-local addresses"),
  text("mac-address", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  list("net-alias", "Add network-scoped alias for the container", { hidden: true, aliasOf: "network-alias" }),
  list("network-alias", "Add network-scoped alias for the container"),
];

interface Networks {
  /** HostConfig's NetworkMode. */
  readonly mode: string;
  /** NetworkingConfig of a request; absent where nothing was asked. */
  readonly config: { readonly NetworkingConfig?: object };
}

/** What `--network` and the flags beside it ask for; those flags are the first network's. @throws Error in Docker's words */
export function networksOf(flags: FlagValues): Networks {
  const values = flags.list("network");
  const asked = (values.length === 0 ? ["default"] : values).map(parseNetwork);
  const [first = { name: "default", endpoint: {} }, ...others] = asked;
  const names = asked.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new Error(`network "${double}" is specified multiple times`);
  if (others.length > 0 && names.some(isStanding))
    throw new Error("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  const main = withFlags(first, flags);
  const endpoints = [{ name: first.name, endpoint: main }, ...others].filter(
    ({ endpoint }) => others.length > 0 || Object.keys(endpoint).length > 0,
  );
  const EndpointsConfig = Object.fromEntries(endpoints.map(({ name, endpoint }) => [name, endpoint]));
  return {
    mode: first.name === "" ? "default" : first.name,
    config: endpoints.length === 0 ? {} : { NetworkingConfig: { EndpointsConfig } },
  };
}

interface NetworkOption {
  readonly name: string;
  readonly endpoint: Readonly<Record<string, unknown>>;
}

/** "net1", or "name=net1,alias=web,ip=10.0.0.2". */
function parseNetwork(value: string): NetworkOption {
  if (!/^[^=]+=/.test(value)) return { name: value === "" ? "default" : value, endpoint: {} };
  let name = "";
  const addresses: Record<string, unknown> = {};
  const endpoint: Record<string, unknown> = {};
  const aliases: string[] = [];
  const options: Record<string, string> = {};
  const linkLocal: string[] = [];
  for (const field of csvFields(value)) {
    const [key, text] = splitOnce(field, "=").map((part) => part.trim().toLowerCase()) as [string, string];
    if (key === "name") name = text;
    else if (key === "alias") aliases.push(text);
    else if (key === "ip") addresses["IPv4Address"] = text;
    else if (key === "ip6") addresses["IPv6Address"] = text;
    else if (key === "link-local-ip") linkLocal.push(text);
    else if (key === "mac-address") endpoint["MacAddress"] = checkedMac(text);
    else if (key === "gw-priority") endpoint["GwPriority"] = priorityOf(text);
    else if (key === "driver-opt") {
      const [option, setting] = splitOnce(text, "=");
      options[option] = setting;
    } else throw new Error(`invalid field key ${key}`);
  }
  if (name === "") throw new Error("network name/id is not specified");
  if (linkLocal.length > 0) addresses["LinkLocalIPs"] = linkLocal;
  return {
    name,
    endpoint: {
      ...endpoint,
      ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
      ...(aliases.length > 0 && { Aliases: aliases }),
      ...(Object.keys(options).length > 0 && { DriverOpts: options }),
    },
  };
}

function withFlags({ name, endpoint }: NetworkOption, flags: FlagValues): NetworkOption["endpoint"] {
  const aliases = flags.list("network-alias");
  const mac = flags.text("mac-address");
  if (aliases.length > 0 && isStanding(name)) throw new Error("network-scoped aliases are only supported for user-defined networks");
  const taken = (what: string, given: boolean, key: string): void => {
    if (given && endpoint[key] !== undefined)
      throw new Error(`conflicting options: cannot specify both --${what} and per-network ${what === "network-alias" ? "alias" : what}`);
  };
  taken("network-alias", aliases.length > 0, "Aliases");
  taken("mac-address", mac !== "", "MacAddress");
  const addresses = {
    ...(flags.text("ip") !== "" && { IPv4Address: flags.text("ip") }),
    ...(flags.text("ip6") !== "" && { IPv6Address: flags.text("ip6") }),
    ...(flags.list("link-local-ip").length > 0 && { LinkLocalIPs: flags.list("link-local-ip") }),
  };
  return {
    ...endpoint,
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
    ...(aliases.length > 0 && { Aliases: aliases }),
    ...(mac !== "" && { MacAddress: checkedMac(mac) }),
    ...(flags.list("link").length > 0 && !isStanding(name) && { Links: flags.list("link") }),
  };
}

/** Bridge, host, none, or another container's: what is always there. */
function isStanding(name: string): boolean {
  return ["", "default", "bridge", "host", "none"].includes(name) || name.startsWith("container:");
}

function checkedMac(mac: string): string {
  if (!/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(mac)) throw new Error(`${mac} is not a valid mac address`);
  return mac;
}

function priorityOf(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`invalid gw-priority (${text}): invalid syntax`);
  return Number(text);
}
