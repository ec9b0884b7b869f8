import { fault, isFault, newId, now } from "#base";
import {
  type Addressed,
  type AddressRange,
  bridgeNetworkOf,
  checkSubnets,
  chooseSubnet,
  type Fabric,
  isStanding,
  type Network,
  refuseOverlap,
  type Subnet,
} from "#network";
import type { Announcer } from "#event";
import type { NetworkRequest } from "../verbs.ts";
import { announceNetwork } from "./announce-network.ts";
import { hasBridge, type Networks } from "./networks.ts";

export interface CreateNeeds {
  readonly networks: Networks;
  readonly fabric: Fabric;
  readonly announcer: Announcer;
  /** Of the daemon: where networks lie that nobody placed, and how large their packets are. */
  readonly networkDefaults: NetworkDefaults;
}

export interface NetworkDefaults {
  readonly pools: readonly AddressRange[];
  readonly mtu: number;
}

/** Makes a network and its bridge; nothing stays of one that fails. @throws in Docker's words */
export async function createNetwork(needs: CreateNeeds, request: NetworkRequest): Promise<string> {
  const { networks, fabric, networkDefaults } = needs;
  check(needs, request);
  const asked = withConfiguration(networks, request);
  const subnets = asked.configOnly === true ? (asked.subnets ?? []) : await placed(needs, asked.subnets);
  const network: Network = { ...asked, subnets, id: newId(), created: now() };
  // What cannot be is refused before anything is written.
  const bridge = hasBridge(network) ? bridgeNetworkOf(network, networkDefaults) : undefined;
  refuseBridgeTwice(needs, bridge?.bridge, network);
  if (bridge !== undefined) refuseOverlapWith(needs, subnets);
  // The row first: a crash between the two leaves a network whose bridge the next daemon makes.
  await networks.add(network);
  try {
    if (bridge !== undefined) await fabric.open(bridge);
  } catch (error) {
    await networks.remove(network);
    throw error;
  }
  announceNetwork(needs.announcer, network, "create");
  return network.id;
}

function check(
  { networks }: CreateNeeds,
  { name, driver, configOnly = false, configFrom, subnets = [], internal = false, options = {} }: NetworkRequest,
): void {
  if (name === "") throw fault("invalid", "invalid name: name is empty");
  if (isStanding(name) || name === "default" || name === "container")
    throw fault("denied", `operation is not permitted on predefined ${name} network`);
  // What is a mode could never be asked for as a network (row G10: names go into rules as ids only).
  if (name.startsWith("container:")) throw fault("invalid", `invalid name ${JSON.stringify(name)}: it means another container's network`);
  if (name.length > 255 || /[\0-\x1f\x7f/]/.test(name))
    throw fault("invalid", `invalid name ${JSON.stringify(name)}: 1 to 255 characters, no control characters and no slash`);
  if (configOnly && configFrom !== undefined)
    throw fault("denied", "a configuration network cannot depend on another configuration network");
  if (configFrom !== undefined && (subnets.length > 0 || internal || Object.keys(options).length > 0))
    throw fault("denied", "user specified configurations are not supported if the network depends on a configuration network");
  if (networks.all().some((network) => network.name === name)) throw fault("conflict", `network with name ${name} already exists`);
  if (driver === "host" || driver === "null") throw fault("denied", `only one instance of "${driver}" network is allowed`);
  checkSubnets(subnets);
  if (subnets.length > 1) throw fault("denied", "bridge driver doesn't support multiple subnets");
}

type Asked = Omit<Network, "id" | "created">;

/** What was asked for, or what the configuration says that it shall have. @throws not-found */
function withConfiguration(networks: Networks, { driver: _driver, configFrom, ...request }: NetworkRequest): Asked {
  const driver = request.configOnly === true ? "null" : "bridge";
  if (configFrom === undefined) return { ...request, driver };
  const found = networks.all().find(({ name, configOnly = false }) => configOnly && name === configFrom);
  if (found === undefined) throw fault("not-found", `configuration network "${configFrom}" does not exist`);
  const { labels = {}, options, subnets, internal, ipamOptions } = found;
  return {
    ...request,
    driver,
    configFrom,
    labels: { ...labels, ...request.labels },
    ...(options !== undefined && { options }),
    ...(subnets !== undefined && { subnets }),
    ...(internal !== undefined && { internal }),
    ...(ipamOptions !== undefined && { ipamOptions }),
  };
}

async function placed(needs: CreateNeeds, subnets: readonly Subnet[] = []): Promise<readonly Subnet[]> {
  if (subnets.length > 0) return subnets;
  return [chooseSubnet(await needs.fabric.routes(), addressed(needs), needs.networkDefaults.pools)];
}

function refuseOverlapWith(needs: CreateNeeds, subnets: readonly Subnet[] = []): void {
  for (const subnet of subnets) refuseOverlap(subnet, addressed(needs));
}

function addressed({ networks, fabric }: CreateNeeds): readonly Addressed[] {
  const { bridge } = fabric;
  const own = networks
    .all()
    .filter(hasBridge)
    .map(({ name, subnets = [] }) => ({ name, subnets }));
  return bridge === undefined ? own : [{ name: "bridge", subnets: [{ subnet: bridge.subnet }] }, ...own];
}

function refuseBridgeTwice({ networks, fabric, networkDefaults }: CreateNeeds, bridge: string | undefined, { id }: Network): void {
  if (bridge === undefined) return;
  const standing = networks.all().find(({ name }) => name === "bridge");
  const holder =
    fabric.bridge?.name === bridge
      ? standing
      : networks.all().find((other) => hasBridge(other) && bridgeNameIs(other, bridge, networkDefaults));
  if (holder !== undefined)
    throw fault(
      "denied",
      `cannot create network ${id} (${bridge}): conflicts with network ${holder.id} (${bridge}): networks have same bridge name`,
    );
}

function bridgeNameIs(network: Network, bridge: string, defaults: NetworkDefaults): boolean {
  try {
    return bridgeNetworkOf(network, defaults).bridge === bridge;
  } catch (error) {
    // A row that this daemon cannot carry out has no bridge.
    if (isFault(error, "invalid") || isFault(error, "unsupported")) return false;
    throw error;
  }
}
