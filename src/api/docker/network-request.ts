import { fault } from "#base";
import type { NetworkRequest } from "#engine";
import type { Subnet } from "#network";
import type { NetworkBody } from "#wire";

/** Docker's drivers that are not there: each needs what the daemon would have to hold for it. */
const absentDrivers = ["macvlan", "ipvlan"];

/** What a create request asks for. @throws in Docker's words; unsupported, naming what is not there */
export function networkRequestOf(body: NetworkBody): NetworkRequest {
  const { Name: name, Driver: driver, IPAM: ipam, Labels, Options, ConfigFrom } = body;
  refuseScopes(body);
  refuseSix(body);
  const asked = driver === "" || driver === "default" ? "bridge" : driver;
  if (absentDrivers.includes(asked)) throw fault("unsupported", `network driver ${asked} is not implemented`);
  if (asked !== "bridge" && asked !== "host" && asked !== "null") throw fault("not-found", `plugin "${asked}" not found`);
  const ipamDriver = ipam?.Driver ?? "";
  if (!["", "default"].includes(ipamDriver)) throw fault("not-found", `plugin "${ipamDriver}" not found`);
  const subnets = (ipam?.Config ?? []).map(subnetOf);
  const from = ConfigFrom?.Network ?? "";
  return {
    name,
    driver: asked,
    ...(subnets.length > 0 && { subnets }),
    ...(Labels.size > 0 && { labels: Object.fromEntries(Labels) }),
    ...(Options.size > 0 && { options: Object.fromEntries(Options) }),
    ...(ipam !== undefined && ipam.Options.size > 0 && { ipamOptions: Object.fromEntries(ipam.Options) }),
    ...(body.Internal && { internal: true }),
    ...(body.Attachable && { attachable: true }),
    ...(body.ConfigOnly && { configOnly: true }),
    ...(from !== "" && { configFrom: from }),
  };
}

function subnetOf({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: NonNullable<NetworkBody["IPAM"]>["Config"][number]): Subnet {
  return {
    subnet: Subnet,
    ...(IPRange !== "" && { range: IPRange }),
    ...(Gateway !== "" && { gateway: Gateway }),
    ...(AuxiliaryAddresses.size > 0 && { reserved: Object.fromEntries(AuxiliaryAddresses) }),
  };
}

function refuseScopes({ Scope: scope, Driver: driver, Ingress: ingress }: NetworkBody): void {
  if (ingress) throw fault("denied", "Ingress network can only be global scope network");
  if (scope === "swarm") throw fault("denied", "cannot create a swarm scoped network when swarm is not active");
  if (scope !== "" && scope !== "local") throw fault("invalid", `invalid network scope: ${scope}`);
  if (driver === "overlay")
    throw fault(
      "unsupported",
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
}

function refuseSix({ EnableIPv4: four, EnableIPv6: six }: NetworkBody): void {
  if (six === true) throw fault("unsupported", "EnableIPv6 is not implemented");
  if (four === false) throw fault("invalid", "IPv4 or IPv6 must be enabled");
}
