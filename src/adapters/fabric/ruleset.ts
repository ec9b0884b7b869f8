// The daemon's table as nft(8) would list it, below. The number of rules is constant: a published port is an element of a map.
//
//   map ports       { type inet_proto . inet_service : ipv4_addr . inet_service }               published on every address
//   map bound_ports { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service }   published on one address
//
// DNAT of 127.0.0.1 needs route_localnet on the bridge; the guard drops what comes from outside for 127.0.0.0/8, and what comes from
// outside for a container's own address (a neighbour with a route to the subnet reaches published ports only).
import { type Cidr, everyAddress, hostAddressOf, maskOf, networkOf, parseIpv4, type PublishedPort } from "#network";
import {
  connection,
  connectionHas,
  dnatByMap,
  type Expression,
  inNetwork,
  interfaceName,
  isForThisHost,
  isIpv4,
  masquerade,
  type NftChain,
  type NftElement,
  type NftTable,
  toTcpPort,
  verdict,
} from "#linux";
import { type BridgeSettings, usualBridge } from "./bridge-settings.ts";

const loopback = { address: 0x7f000000, mask: maskOf(8) };
const everyPort = "ports";
const boundPort = "bound_ports";
const protocolNumber = { tcp: 6, udp: 17, sctp: 132 } as const;

interface RulesetOptions {
  readonly bridge: string;
  /** The bridge's own address and network. */
  readonly gateway: Cidr;
  /** TCP ports of this host that containers do not reach, under whichever of its addresses. */
  readonly closedPorts?: readonly number[];
  readonly settings?: Pick<BridgeSettings, "icc" | "masquerade">;
}

/** The table of a daemon with this bridge. */
export function ruleset(table: string, { bridge, gateway, closedPorts = [], settings = usualBridge }: RulesetOptions): NftTable {
  const network = { address: networkOf(gateway).address, mask: maskOf(gateway.prefixLength) };
  const own = { address: gateway.address, mask: maskOf(32) };
  const toBridge = interfaceName("oifname", "eq", bridge);
  const fromOutside = interfaceName("iifname", "neq", "lo");
  const toContainers = [inNetwork("destination", "eq", network), inNetwork("destination", "neq", own)];
  const fromContainers = [isIpv4(), inNetwork("source", "eq", network)];
  const published = connectionHas("status", connection.dnat);
  const chains: readonly NftChain[] = [
    {
      name: "guard",
      hook: { type: "filter", at: "prerouting", priority: -300 },
      rules: [
        [fromOutside, isIpv4(), inNetwork("destination", "eq", loopback), verdict("drop")],
        [fromOutside, interfaceName("iifname", "neq", bridge), isIpv4(), ...toContainers, verdict("drop")],
      ],
    },
    { name: "publish", rules: [[dnatByMap(boundPort, true)], [dnatByMap(everyPort, false)]] },
    { name: "inbound", hook: { type: "nat", at: "prerouting", priority: -100 }, rules: [toPublish()] },
    { name: "local", hook: { type: "nat", at: "output", priority: -100 }, rules: [toPublish()] },
    {
      name: "outbound",
      hook: { type: "nat", at: "postrouting", priority: 100 },
      rules: [
        // Not on lo: what the host says to itself from the bridge's address stays as it is.
        ...(settings.masquerade
          ? [[interfaceName("oifname", "neq", "lo"), interfaceName("oifname", "neq", bridge), ...fromContainers, masquerade()]]
          : []),
        [toBridge, isIpv4(), inNetwork("source", "eq", loopback), masquerade()],
        [toBridge, ...fromContainers, published, masquerade()],
      ],
    },
    {
      name: "forward",
      hook: { type: "filter", at: "forward", priority: 0 },
      rules: [
        [toBridge, connectionHas("state", connection.establishedOrRelated), verdict("accept")],
        // What a port's isolation does to frames, this does to what takes the way over a published port.
        [toBridge, interfaceName("iifname", "eq", bridge), verdict(settings.icc ? "accept" : "drop")],
        [toBridge, published, verdict("accept")],
        [toBridge, verdict("drop")],
        [interfaceName("iifname", "eq", bridge), verdict("accept")],
      ],
    },
  ];
  return {
    name: table,
    maps: [
      { name: everyPort, key: ["protocol", "port"], value: ["ipv4", "port"] },
      { name: boundPort, key: ["ipv4", "protocol", "port"], value: ["ipv4", "port"] },
    ],
    chains: closedPorts.length === 0 ? chains : [...chains, doors(bridge, closedPorts)],
  };
}

function doors(bridge: string, closedPorts: readonly number[]): NftChain {
  const fromContainers = interfaceName("iifname", "eq", bridge);
  return {
    name: "doors",
    hook: { type: "filter", at: "input", priority: 0 },
    rules: closedPorts.map((port) => [fromContainers, toTcpPort(port), verdict("drop")]),
  };
}

function toPublish(): readonly Expression[] {
  return [isIpv4(), isForThisHost(), verdict({ jump: "publish" })];
}

/** The map elements that send published ports to a container's address. */
export function portElements(address: string, ports: readonly PublishedPort[]): readonly NftElement[] {
  return ports.map((port) => {
    const host = hostAddressOf(port);
    const service = concatenate([protocolNumber[port.protocol], 1], [port.hostPort, 2]);
    const value = concatenate([parseIpv4(address) ?? 0, 4], [port.containerPort, 2]);
    if (host === everyAddress) return { map: everyPort, key: service, value };
    return { map: boundPort, key: new Uint8Array([...concatenate([parseIpv4(host) ?? 0, 4]), ...service]), value };
  });
}

/** Parts of a key in network order, each padded behind to four bytes. */
function concatenate(...parts: readonly (readonly [value: number, length: 1 | 2 | 4])[]): Uint8Array {
  const bytes = new Uint8Array(parts.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, [value, length]] of parts.entries()) {
    if (length === 1) view.setUint8(index * 4, value);
    else if (length === 2) view.setUint16(index * 4, value, false);
    else view.setUint32(index * 4, value, false);
  }
  return bytes;
}

/** A key for sets of elements. */
export function elementKey(element: NftElement): string {
  return `${element.map}/${element.key.toHex()}`;
}
