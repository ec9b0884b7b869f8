// The daemon's table as nft(8) would list it, below. The number of rules is constant: a published port is an element of a map, a bridge
// one of some sets.
//
//   map ports       { type inet_proto . inet_service : ipv4_addr . inet_service }               published on every address
//   map bound_ports { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service }   published on one address
//   map ports6       { type inet_service : inet_service }                published on every IPv6 address, and the listener that takes them
//   map bound_ports6 { type ipv6_addr . inet_service : inet_service }    the same, on one address
//   set bridges     { type ifname }                                 ours
//   set masked      { type ifname }                                 whose containers' addresses stay inside
//   set internal    { type ifname }                                 that nothing passes but what stays on them
//   set same        { type ifname . ifname }                        each bridge beside itself
//   set talking     { type ifname . ifname }                        the same, where containers reach each other
//   set homes       { type ipv4_addr . ifname; flags interval }     each bridge beside its own addresses
//
// Containers without IPv6 are reached over it through a listener of the daemon's: nothing else leads from one kind of address to the other.
// DNAT of 127.0.0.1 needs route_localnet on the bridge; the guard drops what comes from outside for 127.0.0.0/8. What comes for a
// container's own address, from a neighbour with a route to the subnet or from another bridge, passes only as a published port.
import { type Cidr, everyAddress, hostAddressOf, maskOf, networkOf, parseIpv4, parseIpv6, type PublishedPort } from "#network";
import {
  connection,
  connectionHas,
  dnatByMap,
  type Expression,
  inNetwork,
  interfaceName,
  isForThisHost,
  isIn,
  isIpv4,
  isIpv6,
  masquerade,
  redirectByMap,
  type NftChain,
  type NftElement,
  type NftTable,
  toTcpPort,
  verdict,
} from "#linux";

const loopback = { address: 0x7f000000, mask: maskOf(8) };
const everyPort = "ports";
const boundPort = "bound_ports";
const everyPort6 = "ports6";
const boundPort6 = "bound_ports6";
const protocolNumber = { tcp: 6, udp: 17, sctp: 132 } as const;
const ifnameLength = 16;

/** A bridge as the rules know it. */
export interface RuledBridge {
  readonly name: string;
  /** The bridge's own address and network. */
  readonly gateway: Cidr;
  /** False keeps containers from each other. */
  readonly icc: boolean;
  /** False lets containers' own addresses be seen outside. */
  readonly masquerade: boolean;
  /** True lets nothing in or out. */
  readonly internal?: boolean;
}

/** The table; `closedPorts`: TCP ports of this host that containers do not reach, under whichever of its addresses. */
export function ruleset(table: string, { closedPorts = [] }: { readonly closedPorts?: readonly number[] } = {}): NftTable {
  const fromOutside = interfaceName("iifname", "neq", "lo");
  const [toBridge, fromBridge] = [isIn("bridges", ["oifname"]), isIn("bridges", ["iifname"])];
  const published = connectionHas("status", connection.dnat);
  const chains: readonly NftChain[] = [
    {
      name: "guard",
      hook: { type: "filter", at: "prerouting", priority: -300 },
      rules: [[fromOutside, isIpv4(), inNetwork("destination", "eq", loopback), verdict("drop")]],
    },
    { name: "publish", rules: [[dnatByMap(boundPort, true)], [dnatByMap(everyPort, false)]] },
    { name: "relay", rules: [[redirectByMap(boundPort6, true)], [redirectByMap(everyPort6, false)]] },
    { name: "inbound", hook: { type: "nat", at: "prerouting", priority: -100 }, rules: toPublish() },
    { name: "local", hook: { type: "nat", at: "output", priority: -100 }, rules: toPublish() },
    {
      name: "outbound",
      hook: { type: "nat", at: "postrouting", priority: 100 },
      rules: [
        [isIpv4(), isIn("masked", ["iifname"]), isIn("same", ["iifname", "oifname"], true), masquerade()],
        [toBridge, isIpv4(), inNetwork("source", "eq", loopback), masquerade()],
        [isIpv4(), isIn("homes", ["source", "oifname"]), published, masquerade()],
      ],
    },
    {
      name: "forward",
      hook: { type: "filter", at: "forward", priority: 0 },
      rules: [
        [toBridge, connectionHas("state", connection.establishedOrRelated), verdict("accept")],
        [isIn("talking", ["iifname", "oifname"]), verdict("accept")],
        // What a port's isolation does to frames, this does to what takes the way over a published port.
        [isIn("same", ["iifname", "oifname"]), verdict("drop")],
        [isIn("internal", ["iifname"]), verdict("drop")],
        [isIn("internal", ["oifname"]), verdict("drop")],
        [toBridge, published, verdict("accept")],
        [toBridge, verdict("drop")],
        [fromBridge, verdict("accept")],
      ],
    },
  ];
  return {
    name: table,
    maps: [
      { name: everyPort, key: ["protocol", "port"], value: ["ipv4", "port"] },
      { name: boundPort, key: ["ipv4", "protocol", "port"], value: ["ipv4", "port"] },
      { name: everyPort6, key: ["port"], value: ["port"] },
      { name: boundPort6, key: ["ipv6", "port"], value: ["port"] },
      ...["bridges", "masked", "internal"].map((name) => ({ name, key: ["interface"] as const, value: [] })),
      ...["same", "talking"].map((name) => ({ name, key: ["interface", "interface"] as const, value: [] })),
      { name: "homes", key: ["ipv4", "interface"], value: [], ranges: true },
    ],
    chains: closedPorts.length === 0 ? chains : [...chains, doors(closedPorts)],
  };
}

/** The elements that make the rules know a bridge. */
export function bridgeElements({ name, gateway, icc, masquerade: masked, internal = false }: RuledBridge): readonly NftElement[] {
  const own = interfaceKey(name);
  const [pair, value] = [new Uint8Array([...own, ...own]), new Uint8Array()];
  const { address, prefixLength } = networkOf(gateway);
  const last = (address | ~maskOf(prefixLength)) >>> 0;
  const home = (from: number): Uint8Array => new Uint8Array([...concatenate([from, 4]), ...own]);
  return [
    { map: "bridges", key: own, value },
    ...(masked && !internal ? [{ map: "masked", key: own, value }] : []),
    ...(internal ? [{ map: "internal", key: own, value }] : []),
    { map: "same", key: pair, value },
    ...(icc ? [{ map: "talking", key: pair, value }] : []),
    { map: "homes", key: home(address), lastKey: home(last), value },
  ];
}

/** An interface's name as the kernel holds it, filled up with zeros. */
function interfaceKey(name: string): Uint8Array {
  const bytes = new Uint8Array(ifnameLength);
  bytes.set(new TextEncoder().encode(name).subarray(0, ifnameLength - 1));
  return bytes;
}

function doors(closedPorts: readonly number[]): NftChain {
  const fromContainers = isIn("bridges", ["iifname"]);
  return {
    name: "doors",
    hook: { type: "filter", at: "input", priority: 0 },
    rules: closedPorts.map((port) => [fromContainers, toTcpPort(port), verdict("drop")]),
  };
}

function toPublish(): readonly (readonly Expression[])[] {
  return [
    [isIpv4(), isForThisHost(), verdict({ jump: "publish" })],
    [isIpv6(), isForThisHost(), verdict({ jump: "relay" })],
  ];
}

/** The map elements that send published ports to a container's address, those of IPv6 to the port that a relay listens on, if any does. */
export function portElements(address: string, ports: readonly PublishedPort[], relay?: number): readonly NftElement[] {
  return ports.flatMap((port): readonly NftElement[] => {
    const host = hostAddressOf(port);
    const bytes = parseIpv6(host);
    if (bytes !== undefined) return relay === undefined ? [] : [relayElement(bytes, port.hostPort, relay)];
    const service = concatenate([protocolNumber[port.protocol], 1], [port.hostPort, 2]);
    const value = concatenate([parseIpv4(address) ?? 0, 4], [port.containerPort, 2]);
    if (host === everyAddress) return [{ map: everyPort, key: service, value }];
    return [{ map: boundPort, key: new Uint8Array([...concatenate([parseIpv4(host) ?? 0, 4]), ...service]), value }];
  });
}

function relayElement(address: Uint8Array, hostPort: number, relay: number): NftElement {
  const [key, value] = [concatenate([hostPort, 2]), concatenate([relay, 2])];
  // The kernel tells keys and values of one part without what fills them up.
  if (address.every((byte) => byte === 0)) return { map: everyPort6, key: key.subarray(0, 2), value: value.subarray(0, 2) };
  return { map: boundPort6, key: new Uint8Array([...address, ...key]), value: value.subarray(0, 2) };
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
