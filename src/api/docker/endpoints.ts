// A container's places in networks, as requests ask for them.
import { isIP } from "node:net";
import { fault } from "#base";
import type { EndpointSpec, HostSpec } from "#container";
import { type ApiVersion, type CreateRequest, type EndpointRequest, knows } from "#wire";
import { refuseOwnAddress } from "./host-refusals.ts";

type Mode = Pick<HostSpec, "network" | "networkName">;

/** Nothing where the mode of the network says it all. @throws invalid, unsupported: nothing is ignored in silence */
export function endpointsOf(request: CreateRequest, { network, networkName }: Mode, version: ApiVersion): Pick<HostSpec, "endpoints"> {
  const asked = [...(request.NetworkingConfig?.EndpointsConfig ?? [])];
  if (asked.length > 1 && !knows(version, "severalEndpoints"))
    throw fault("invalid", `Container cannot be created with multiple network endpoints: ${asked.map(([name]) => name).join(", ")}`);
  const main = network === "bridge" ? "bridge" : networkName;
  const named = asked.map(([name, endpoint]) => [name === "default" ? "bridge" : name, endpoint] as const);
  if (network !== "bridge" && network !== "network") {
    for (const [name] of named)
      if (name !== main) throw fault("invalid", "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
    return {};
  }
  const specs = new Map<string, EndpointSpec>([[main, { network: main }]]);
  for (const [name, endpoint] of named) {
    if (name === "bridge") refuseOwnAddress(endpoint);
    specs.set(name, { network: name, ...endpointSpecOf(endpoint) });
  }
  if (request.MacAddress !== "") specs.set(main, { network: main, ...specs.get(main), mac: macOf(request.MacAddress) });
  const endpoints = [...specs.values()];
  const isPlain = network === "bridge" && endpoints.length === 1 && endpoints.every((spec) => Object.keys(spec).length === 1);
  return isPlain ? {} : { endpoints };
}

/** What is asked for of one place. @throws invalid in Docker's words; unsupported, naming the field */
export function endpointSpecOf(endpoint: EndpointRequest): Omit<EndpointSpec, "network" | "networkId"> {
  const {
    IPAMConfig: addresses,
    Links: links,
    Aliases: aliases,
    MacAddress: mac,
    DriverOpts: driverOptions,
    GwPriority: priority,
  } = endpoint;
  const { IPv4Address: four = "", IPv6Address: six = "", LinkLocalIPs: linkLocal = [] } = addresses ?? {};
  if (four !== "" && isIP(four) !== 4) throw fault("invalid", `invalid endpoint settings:\ninvalid IPv4 address: ${four}`);
  const absent = {
    "IPAMConfig.IPv6Address": six !== "",
    "IPAMConfig.LinkLocalIPs": linkLocal.length > 0,
    Links: links.length > 0,
    DriverOpts: driverOptions.size > 0,
  };
  for (const [field, isAsked] of Object.entries(absent))
    if (isAsked) throw fault("unsupported", `EndpointSettings.${field} is not implemented`);
  for (const alias of aliases)
    if (alias === "" || /[\s\0-\x1f]/.test(alias))
      throw fault("invalid", `invalid alias ${JSON.stringify(alias)}: a name has no spaces and is one line`);
  return {
    ...(four !== "" && { address: four }),
    ...(aliases.length > 0 && { aliases }),
    ...(mac !== "" && { mac: macOf(mac) }),
    ...(priority !== 0 && { priority }),
  };
}

/** As the kernel writes it. @throws invalid in Docker's words */
function macOf(text: string): string {
  if (!/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)) throw fault("invalid", `invalid MAC address: ${text}`);
  return text.toLowerCase().replaceAll("-", ":");
}
