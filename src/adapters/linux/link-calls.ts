// Kernel calls on namespaces and interfaces. They run in a worker because the kernel's network lock may be held for
// milliseconds by whoever deletes an interface, and because one of them enters a namespace.
import { readFileSync, writeFileSync } from "node:fs";
import type { UserMapping } from "#base";
import { hasCode } from "./kernel-error.ts";
import { syscallRaw } from "./libc.ts";
import { openNamespace } from "./net-namespace.ts";
import { netlinkFamily, NetlinkSocket } from "./netlink.ts";
import { sys } from "./numbers.ts";
import { openUserSpace } from "./user-namespace.ts";
import {
  addAddress,
  addBridge,
  addVeth,
  deleteDefaultRoute,
  deleteGroup,
  deleteLink,
  getLink,
  getPeer,
  type InterfaceAddress,
  type Link,
  type LinkCounters,
  listAddresses,
  listLinks,
  listRoutes,
  readCounters,
  readLink,
  readPeer,
  setDefaultRoute,
  setGroup,
  setMtu,
  setUp,
  withHairpin,
  withoutLinkLocal,
} from "./rtnetlink.ts";

/** A container's interface: `name` inside, `hostName` as a port of the bridge. Addresses as numbers. */
export interface SandboxLink extends InterfaceAddress {
  readonly bridge: string;
  readonly hostName: string;
  readonly name: string;
  readonly mac: string;
  /** Where the default route leads; absent leaves it as it is. */
  readonly gateway?: number;
  readonly mtu: number;
  /** True keeps it from the bridge's other isolated ports. */
  readonly isolated: boolean;
}

/** A bridge as it stands. */
export interface BridgeState extends InterfaceAddress {
  readonly index: number;
}

function withRoute<Result>(use: (socket: NetlinkSocket) => Result): Result {
  using socket = NetlinkSocket.open(netlinkFamily.route);
  return use(socket);
}

function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  try {
    return socket
      .request([getLink(name)])
      .map(readLink)
      .find((link) => link !== undefined);
  } catch (error) {
    if (hasCode(error, "ENODEV")) return undefined;
    throw error;
  }
}

function requireIndex(socket: NetlinkSocket, name: string): number {
  return (
    socket
      .request([getLink(name)])
      .map(readLink)
      .find((link) => link !== undefined)?.index ?? 0
  );
}

/** Descriptors of namespaces; the caller closes them. */
export interface MadeSandbox {
  readonly namespaceFd: number;
  /** Of the user namespace that the network belongs to, where it is a new one. */
  readonly userNamespaceFd?: number;
}

/** A new network namespace with lo up, in a new user namespace where there are `owners`. When it throws, nothing is left. */
function makeSandbox(owners?: UserMapping): MadeSandbox {
  const users = owners && openUserSpace(owners, { network: true });
  let namespaceFd = users?.networkFd;
  try {
    const opened = openNamespace(namespaceFd, true);
    ({ namespaceFd } = opened);
    using inside = new NetlinkSocket(opened.netlinkFd);
    inside.request([setUp("lo")]);
    return { namespaceFd, ...(users !== undefined && { userNamespaceFd: users.userFd }) };
  } catch (error) {
    for (const fd of [namespaceFd, users?.userFd]) if (fd !== undefined) syscallRaw(sys.close, fd);
    throw error;
  }
}

/** Gives a namespace its interface where it has none, and puts the host's end back on its bridge. */
function linkSandbox(namespaceFd: number, link: SandboxLink): void {
  withRoute((host) => {
    if (findLink(host, link.hostName) !== undefined) {
      host.request([setUp(link.hostName, requireIndex(host, link.bridge)), withHairpin(link.hostName, link.isolated)]);
      return;
    }
    using inside = new NetlinkSocket(openNamespace(namespaceFd).netlinkFd);
    connect(inside, namespaceFd, link);
  });
}

function connect(inside: NetlinkSocket, namespaceFd: number, link: SandboxLink): void {
  withRoute((host) => {
    const master = requireIndex(host, link.bridge);
    host.request([addVeth({ hostName: link.hostName, name: link.name, mac: link.mac, namespaceFd, mtu: link.mtu })]);
    try {
      host.request([withoutLinkLocal(link.hostName), setUp(link.hostName, master), withHairpin(link.hostName, link.isolated)]);
      const own = inside.request([setUp(link.name), getLink(link.name)]).map(readLink);
      const index = own.find((found) => found !== undefined)?.index ?? 0;
      inside.request([addAddress(index, link), ...(link.gateway === undefined ? [] : [setDefaultRoute(link.gateway)])]);
    } catch (error) {
      host.request([deleteLink(link.hostName)]);
      throw error;
    }
  });
}

/** Leads the default route of a namespace elsewhere, or nowhere. */
function routeSandbox(namespaceFd: number, gateway: number | undefined): void {
  using inside = new NetlinkSocket(openNamespace(namespaceFd).netlinkFd);
  if (gateway === undefined) ignoring("ESRCH", () => inside.request([deleteDefaultRoute()]));
  else inside.request([setDefaultRoute(gateway)]);
}

/** Deletes interfaces by name, all with one wait; those that are gone already are no error. `group` is a number nobody else uses. */
function deleteLinks(names: readonly string[], group: number): void {
  withRoute((host) => {
    const grouped = names.filter((name) => ignoring("ENODEV", () => host.request([setGroup(name, group)])));
    if (grouped.length > 0) ignoring("ENODEV", () => host.request([deleteGroup(group)]));
  });
}

function ignoring(code: string, act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (hasCode(error, code)) return false;
    throw error;
  }
}

/** Makes the bridge with this address and sets it up; one that stands keeps the address it has. */
function ensureBridge(name: string, mac: string, wanted: InterfaceAddress & { readonly mtu: number }): BridgeState {
  return withRoute((host) => {
    if (findLink(host, name) === undefined) ignoring("EEXIST", () => host.request([addBridge(name, mac), withoutLinkLocal(name)]));
    const index = requireIndex(host, name);
    const standing = listAddresses(host, index);
    const own = standing.find(({ address, prefixLength }) => address === wanted.address && prefixLength === wanted.prefixLength);
    const chosen = own ?? standing[0];
    if (chosen === undefined) ignoring("EEXIST", () => host.request([addAddress(index, wanted)]));
    host.request([setMtu(name, wanted.mtu), setUp(name)]);
    const { address, prefixLength } = chosen ?? wanted;
    return { index, address, prefixLength };
  });
}

/** IPv4 addresses of an interface; undefined where there is no such interface. */
function readAddresses(name: string): readonly InterfaceAddress[] | undefined {
  return withRoute((host) => {
    const link = findLink(host, name);
    return link === undefined ? undefined : listAddresses(host, link.index);
  });
}

/** What went through the other end of each interface, as that end counts it; undefined where there is no such interface, or no other end. */
function readPeerCounters(names: readonly string[]): readonly (LinkCounters | undefined)[] {
  return withRoute((host) =>
    names.map((name) => {
      try {
        const peer = host.request([getLink(name)]).map(readPeer);
        const found = peer.find((link) => link !== undefined);
        if (found === undefined) return undefined;
        return host
          .request([getPeer(found)])
          .map(readCounters)
          .find((counters) => counters !== undefined);
      } catch (error) {
        // Gone, or gone between the two questions.
        if (hasCode(error, "ENODEV", "EINVAL")) return undefined;
        throw error;
      }
    }),
  );
}

/** Sets a switch below /proc/sys/net ("ipv4/ip_forward") to 1 where it is 0; true when it was. */
function enableNetworkSetting(setting: string): boolean {
  const path = `/proc/sys/net/${setting}`;
  if (readFileSync(path, "latin1").trim() !== "0") return false;
  writeFileSync(path, "1");
  return true;
}

export const linkCalls = {
  makeSandbox,
  linkSandbox,
  routeSandbox,
  deleteLinks,
  ensureBridge,
  readAddresses,
  readPeerCounters,
  enableNetworkSetting,
  readLinks: (): readonly Link[] => withRoute(listLinks),
  readRoutes: (): readonly InterfaceAddress[] => withRoute(listRoutes),
};
