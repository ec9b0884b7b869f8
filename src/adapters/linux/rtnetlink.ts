// Links, addresses and routes (rtnetlink(7)): the messages that a container network needs, and readers of the dumps.
import {
  attribute,
  bigEndian,
  flag,
  joinBytes,
  nested,
  type NetlinkAnswer,
  type NetlinkMessage,
  type NetlinkSocket,
  readAttributes,
  textOf,
  u32,
  zeroTerminated,
} from "./netlink.ts";

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_GETROUTE = 26;
const IFF_UP = 1;
const IFLA_ADDRESS = 1;
const IFLA_MTU = 4;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_AF_SPEC = 26;
const IFLA_LINK = 5;
const IFLA_STATS64 = 23;
const IFLA_GROUP = 27;
const IFLA_NET_NS_FD = 28;
const IFLA_LINK_NETNSID = 37;
const IFLA_TARGET_NETNSID = 46;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_SLAVE_KIND = 4;
const IFLA_INFO_SLAVE_DATA = 5;
const IFLA_BRPORT_MODE = 4;
const IFLA_BRPORT_ISOLATED = 33;
const VETH_INFO_PEER = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IN6_ADDR_GEN_MODE_NONE = 1;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
const RTA_DST = 1;
const RTA_GATEWAY = 5;
const RTA_TABLE = 15;
const AF_INET = 2;
const AF_INET6 = 10;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;

/** An IPv4 address as the kernel numbers it, and the length of its network. */
export interface InterfaceAddress {
  readonly address: number;
  readonly prefixLength: number;
}

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** "bridge", "veth"; "" for hardware. */
  readonly kind: string;
  readonly master: number;
  readonly up: boolean;
}

function linkBody(index: number, up: boolean, ...attributes: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setInt32(4, index, true);
  if (up) {
    view.setUint32(8, IFF_UP, true);
    view.setUint32(12, IFF_UP, true);
  }
  return joinBytes([header, ...attributes]);
}

function name(text: string): Uint8Array {
  return attribute(IFLA_IFNAME, zeroTerminated(text));
}

function macBytes(mac: string): Uint8Array {
  return new Uint8Array(mac.split(":").map((pair) => Number.parseInt(pair, 16)));
}

/** Makes a veth pair, both ends down: `hostName` here, `name` with the MAC in the other namespace. EEXIST where the name is taken. */
export function addVeth(options: {
  readonly hostName: string;
  readonly name: string;
  readonly mac: string;
  readonly namespaceFd: number;
  readonly mtu: number;
}): NetlinkMessage {
  const mtu = attribute(IFLA_MTU, u32(options.mtu));
  const peer = linkBody(
    0,
    false,
    name(options.name),
    attribute(IFLA_ADDRESS, macBytes(options.mac)),
    attribute(IFLA_NET_NS_FD, u32(options.namespaceFd)),
    mtu,
  );
  const info = nested(
    IFLA_LINKINFO,
    attribute(IFLA_INFO_KIND, zeroTerminated("veth")),
    nested(IFLA_INFO_DATA, attribute(VETH_INFO_PEER, peer)),
  );
  const body = linkBody(0, false, name(options.hostName), mtu, info);
  return { type: RTM_NEWLINK, flags: flag.create | flag.excl, body, subject: options.hostName };
}

/** Makes a bridge, down. EEXIST where the name is taken. */
export function addBridge(bridge: string, mac: string): NetlinkMessage {
  const info = nested(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, zeroTerminated("bridge")));
  const body = linkBody(0, false, name(bridge), attribute(IFLA_ADDRESS, macBytes(mac)), info);
  return { type: RTM_NEWLINK, flags: flag.create | flag.excl, body, subject: bridge };
}

/** Turns off the automatic link-local address (it would come when the interface goes up). */
export function withoutLinkLocal(link: string): NetlinkMessage {
  const mode = attribute(IFLA_INET6_ADDR_GEN_MODE, new Uint8Array([IN6_ADDR_GEN_MODE_NONE]));
  return { type: RTM_NEWLINK, flags: 0, body: linkBody(0, false, name(link), nested(IFLA_AF_SPEC, nested(AF_INET6, mode))), subject: link };
}

/** Sets an interface up, and as a port of the bridge with the index `master` where one is given. */
export function setUp(link: string, master?: number): NetlinkMessage {
  const port = master === undefined ? [] : [attribute(IFLA_MASTER, u32(master))];
  return { type: RTM_NEWLINK, flags: 0, body: linkBody(0, true, name(link), ...port), subject: link };
}

/**
 * Lets a bridge send a frame back out of the port it came in by. A sandbox reaches its own published port that way where br_netfilter
 * turns the packet round inside the bridge.
 */
export function withHairpin(link: string, isolated: boolean): NetlinkMessage {
  // A port that is isolated reaches the bridge itself and no other such port.
  const modes = [attribute(IFLA_BRPORT_MODE, new Uint8Array([1])), attribute(IFLA_BRPORT_ISOLATED, new Uint8Array([isolated ? 1 : 0]))];
  const data = nested(IFLA_INFO_SLAVE_DATA, ...modes);
  const info = nested(IFLA_LINKINFO, attribute(IFLA_INFO_SLAVE_KIND, zeroTerminated("bridge")), data);
  return { type: RTM_NEWLINK, flags: 0, body: linkBody(0, false, name(link), info), subject: link };
}

/** Sets the largest packet of an interface. */
export function setMtu(link: string, mtu: number): NetlinkMessage {
  return { type: RTM_NEWLINK, flags: 0, body: linkBody(0, false, name(link), attribute(IFLA_MTU, u32(mtu))), subject: link };
}

/** Deletes an interface by name. ENODEV where there is none. */
export function deleteLink(link: string): NetlinkMessage {
  return { type: RTM_DELLINK, flags: 0, body: linkBody(0, false, name(link)), subject: link };
}

/** Puts an interface into a group, so that all of it can go at once. */
export function setGroup(link: string, group: number): NetlinkMessage {
  return { type: RTM_NEWLINK, flags: 0, body: linkBody(0, false, name(link), attribute(IFLA_GROUP, u32(group))), subject: link };
}

/** Deletes all interfaces of a group with one wait of the kernel. ENODEV where it is empty. */
export function deleteGroup(group: number): NetlinkMessage {
  return { type: RTM_DELLINK, flags: 0, body: linkBody(0, false, attribute(IFLA_GROUP, u32(group))), subject: `group ${group}` };
}

/** Gives an interface an address. EEXIST where it has it. */
export function addAddress(index: number, { address, prefixLength }: InterfaceAddress): NetlinkMessage {
  const header = new Uint8Array([AF_INET, prefixLength, 0, 0, ...u32(index)]);
  const host = prefixLength >= 32 ? 0 : 0xffffffff >>> prefixLength;
  const own = bigEndian(address, 4);
  const broadcast = bigEndian((address | host) >>> 0, 4);
  const body = joinBytes([header, attribute(IFA_LOCAL, own), attribute(IFA_ADDRESS, own), attribute(IFA_BROADCAST, broadcast)]);
  return { type: RTM_NEWADDR, flags: flag.create | flag.excl, body, subject: `address on interface ${index}` };
}

/** Makes the default route lead there, wherever it led before. */
export function setDefaultRoute(gateway: number): NetlinkMessage {
  const header = new Uint8Array([AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, RTN_UNICAST, 0, 0, 0, 0]);
  const body = joinBytes([header, attribute(RTA_GATEWAY, bigEndian(gateway, 4))]);
  return { type: RTM_NEWROUTE, flags: flag.create | flag.replace, body, subject: "default route" };
}

/** Removes the default route. ESRCH where there is none. */
export function deleteDefaultRoute(): NetlinkMessage {
  const body = new Uint8Array([AF_INET, 0, 0, 0, RT_TABLE_MAIN, 0, 0, 0, 0, 0, 0, 0]);
  return { type: RTM_DELROUTE, flags: 0, body, subject: "default route" };
}

/** Asks for one interface by name. ENODEV where there is none. */
export function getLink(link: string): NetlinkMessage {
  return { type: RTM_GETLINK, flags: 0, body: linkBody(0, false, name(link)), subject: link };
}

/** The interface of an answer to `getLink` or of a dump; undefined for other answers. */
export function readLink({ type, body }: NetlinkAnswer): Link | undefined {
  if (type !== RTM_NEWLINK) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const attributes = readAttributes(body.subarray(16));
  const info = readAttributes(attributes.get(IFLA_LINKINFO) ?? new Uint8Array());
  const master = attributes.get(IFLA_MASTER);
  return {
    index: view.getInt32(4, true),
    name: textOf(attributes.get(IFLA_IFNAME) ?? new Uint8Array()),
    kind: textOf(info.get(IFLA_INFO_KIND) ?? new Uint8Array()),
    master: master === undefined ? 0 : new DataView(master.buffer, master.byteOffset).getUint32(0, true),
    up: (view.getUint32(8, true) & IFF_UP) !== 0,
  };
}

/** Where the other end of a veth pair is: its index, and the number that our namespace has for its namespace. */
export interface PeerLink {
  readonly index: number;
  readonly namespace: number;
}

/** The other end of the interface of an answer to `getLink`; undefined where it is none, or is in our own namespace. */
export function readPeer({ type, body }: NetlinkAnswer): PeerLink | undefined {
  if (type !== RTM_NEWLINK) return undefined;
  const attributes = readAttributes(body.subarray(16));
  const index = attributes.get(IFLA_LINK);
  const namespace = attributes.get(IFLA_LINK_NETNSID);
  return index === undefined || namespace === undefined ? undefined : { index: numberOf(index), namespace: numberOf(namespace) };
}

/** Asks for an interface in another namespace, without entering it. ENODEV, EINVAL where it is gone. */
export function getPeer({ index, namespace }: PeerLink): NetlinkMessage {
  const body = linkBody(index, false, attribute(IFLA_TARGET_NETNSID, u32(namespace)));
  return { type: RTM_GETLINK, flags: 0, body, subject: `interface ${index} of namespace ${namespace}` };
}

/** What went through an interface, in the order of struct rtnl_link_stats64. */
export interface LinkCounters {
  readonly name: string;
  readonly received: Counters;
  readonly sent: Counters;
}

interface Counters {
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly dropped: bigint;
}

/** The counters of the interface of an answer to `getLink` or `getPeer`. */
export function readCounters({ type, body }: NetlinkAnswer): LinkCounters | undefined {
  if (type !== RTM_NEWLINK) return undefined;
  const attributes = readAttributes(body.subarray(16));
  const counters = attributes.get(IFLA_STATS64);
  if (counters === undefined) return undefined;
  const view = new DataView(counters.buffer, counters.byteOffset, counters.byteLength);
  const at = (position: number): bigint => view.getBigUint64(position * 8, true);
  return {
    name: textOf(attributes.get(IFLA_IFNAME) ?? new Uint8Array()),
    received: { packets: at(0), bytes: at(2), errors: at(4), dropped: at(6) },
    sent: { packets: at(1), bytes: at(3), errors: at(5), dropped: at(7) },
  };
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}

/** All interfaces of the socket's namespace. */
export function listLinks(socket: NetlinkSocket): readonly Link[] {
  const answers = socket.dump({ type: RTM_GETLINK, flags: 0, body: linkBody(0, false), subject: "links" });
  return answers.map(readLink).filter((link) => link !== undefined);
}

/** IPv4 addresses of the interface with this index. */
export function listAddresses(socket: NetlinkSocket, index: number): readonly InterfaceAddress[] {
  const answers = socket.dump({ type: RTM_GETADDR, flags: 0, body: new Uint8Array([AF_INET, 0, 0, 0, 0, 0, 0, 0]), subject: "addresses" });
  return answers.flatMap(({ body }) => {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const own = readAttributes(body.subarray(8)).get(IFA_LOCAL);
    return view.getUint32(4, true) === index && own !== undefined ? [{ address: addressOf(own), prefixLength: body[1] ?? 0 }] : [];
  });
}

/** Destinations of the IPv4 routes in the main table; the default route has length 0. */
export function listRoutes(socket: NetlinkSocket): readonly InterfaceAddress[] {
  const header = new Uint8Array(12);
  header[0] = AF_INET;
  const answers = socket.dump({ type: RTM_GETROUTE, flags: 0, body: header, subject: "routes" });
  return answers.flatMap(({ body }) => {
    const attributes = readAttributes(body.subarray(12));
    const table = attributes.get(RTA_TABLE)?.[0] ?? body[4];
    const destination = attributes.get(RTA_DST);
    if (table !== RT_TABLE_MAIN) return [];
    return [{ address: destination === undefined ? 0 : addressOf(destination), prefixLength: body[1] ?? 0 }];
  });
}

function addressOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, false);
}
