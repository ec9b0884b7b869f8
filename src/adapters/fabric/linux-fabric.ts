import { EngineError, fault, messageOf, newId, type Place } from "#base";
import { closeFd, hasIpv6, type KernelPort, type MadeSandbox, type SandboxLink } from "#linux";
import {
  type Attachment,
  type AttachmentRequest,
  attachmentsOf,
  type BridgeFacts,
  type BridgeNetwork,
  type Endpoint,
  type Fabric,
  formatCidr,
  hostLinkName,
  hostLinkPrefix,
  type InterfaceCounters,
  networkOf,
  parseIpv4,
  type ResolverOverrides,
  type Sandbox,
  type SandboxRequest,
} from "#network";
import { attach, attachAll, byInterface, detach, freeName, orderedByWay } from "./attach.ts";
import { type BridgeSettings, usualBridge } from "./bridge-settings.ts";
import { Bridges } from "./bridges.ts";
import { failureOf, portFailureOf } from "./claim-failure.ts";
import { defaultNetwork } from "./default-network.ts";
import { Firewall } from "./firewall.ts";
import { LinkReaper } from "./link-reaper.ts";
import { openWithoutRules, type Rules } from "./no-rules.ts";
import { PortClaims } from "./port-claims.ts";
import { readResolvConf } from "./read-resolv-conf.ts";
import { portElements, ruleset } from "./ruleset.ts";
import { flowsTo, publishedAt } from "./published.ts";
import { Relays } from "./relays.ts";
import { Turns } from "./turns.ts";

/** What the fabric stands on. */
export interface FabricOptions {
  /** Its bridge ("none": there is none), bridgeCidr and nftTable are this daemon's alone. */
  readonly place: Pick<Place, "bridge" | "bridgeCidr" | "nftTable">;
  readonly kernel: KernelPort;
  /** TCP ports of this host that containers do not reach: what listens there is not for them (row H16). */
  readonly closedPorts?: readonly number[];
  /** Of the bridge; Docker's defaults for what is absent. */
  readonly settings?: Partial<BridgeSettings>;
}

/** A fabric that can be let go: disposing leaves bridge, rules and live endpoints; `destroy` takes all of it away. */
export interface OwnedFabric extends Fabric, AsyncDisposable {
  destroy(): Promise<void>;
}

interface Parts {
  readonly kernel: KernelPort;
  readonly settings: BridgeSettings;
  readonly bridges: Bridges;
  readonly firewall: Rules;
  readonly reaper: LinkReaper;
  /** What the names of all our interfaces on the host are made from. */
  readonly linkSeed: string;
}

/** An endpoint with a way out or not, that has a network. */
type BridgedEndpoint = Endpoint & Attachment;

/**
 * Opens the networks of this daemon: makes or adopts the bridge and puts the rules. @throws invalid for a name or address that is none;
 * unavailable where the kernel refuses, with its reason
 */
export async function openFabric({ place, kernel, closedPorts = [], ...options }: FabricOptions): Promise<OwnedFabric> {
  const settings = { ...usualBridge, ...options.settings };
  const network = place.bridge === "none" ? undefined : await defaultNetwork(kernel, place, settings);
  try {
    const table = ruleset(place.nftTable, { closedPorts });
    const firewall = settings.rules ? await Firewall.open(kernel, table) : await openWithoutRules(kernel, place.nftTable);
    const linkSeed = place.bridge === "none" ? place.nftTable : place.bridge;
    // Group 0 is everybody's; a number made from our own names, with a mark above it, is nobody else's.
    const group = 0x67000000 + Number.parseInt(hostLinkPrefix(linkSeed).slice(1), 16);
    const bridges = new Bridges({ kernel, firewall, forward: settings.forward, group });
    if (network !== undefined) await bridges.open(network);
    return new LinuxFabric({ kernel, settings, bridges, firewall, reaper: new LinkReaper(kernel, group), linkSeed });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw fault("unavailable", `cannot set up the network of bridge ${place.bridge}: ${messageOf(error)}`, { cause: error });
  }
}

class LinuxFabric implements OwnedFabric {
  readonly bridge: BridgeFacts | undefined;
  readonly #parts: Parts;
  readonly #ports: PortClaims;
  readonly #relays = new Relays((sandboxId) => this.#held.get(sandboxId)?.endpoint);
  /** The kernel changes interfaces under one lock, so several calls at once gain nothing and keep workers from others. */
  readonly #turns = new Turns();
  /** Live sandboxes by id, and the namespace that we hold for each. */
  readonly #held = new Map<string, Sandbox>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#ports = new PortClaims(parts.kernel, { hasIpv6: hasIpv6() });
    const standing = parts.bridges.find();
    if (standing !== undefined) {
      const { bridge: name, mtu, icc, masquerade, publishAddress, gateway } = standing.network;
      this.bridge = { name, subnet: formatCidr(networkOf(standing.gateway)), gateway, mtu, icc, masquerade, publishAddress };
    }
  }

  async open(network: BridgeNetwork): Promise<void> {
    await this.#parts.bridges.open(network);
  }

  async close(networkId: string): Promise<void> {
    const holders = [...this.#held.values()].flatMap(({ endpoint }) => attachmentsOf(endpoint));
    if (holders.some((each) => each.networkId === networkId)) throw fault("conflict", `network ${networkId} has active endpoints`);
    await this.#parts.bridges.close(networkId);
  }

  /** Networks that the host reaches, and its own addresses among them. */
  async routes(): Promise<readonly string[]> {
    const routes = await this.#parts.kernel.run("readRoutes");
    return routes.map(formatCidr);
  }

  async claim(request: SandboxRequest): Promise<Sandbox> {
    const ids = { sandboxId: newId(), endpointId: newId() };
    if (request.mode === "host") return { endpoint: { ...ids, mode: "host", ports: [] } };
    if (request.mode === "none") return this.#hold({ ...ids, mode: "none", ports: [] }, await this.#makeSandbox(request));
    const { reaper, firewall } = this.#parts;
    reaper.defer();
    await this.#freeAddresses(request.attachments);
    const endpoint = await this.#reserve(request, ids);
    const listeners = await this.#relays.open(endpoint);
    const settled = await Promise.allSettled([
      this.#equip(endpoint, request, listeners),
      firewall.add(endpoint.sandboxId, this.#elementsOf(endpoint)),
      firewall.check(),
      firewall.forgetFlows(flowsTo(endpoint)),
    ]);
    const [equipped] = settled;
    const failed = settled.find((result) => result.status === "rejected");
    if (failed === undefined && equipped.status === "fulfilled") return equipped.value;
    await this.release(endpoint);
    throw failureOf(request, failed?.reason);
  }

  /** A namespace, of which whoever waits is told at once, and then its interfaces. */
  async #equip(endpoint: BridgedEndpoint, request: SandboxRequest, listeners: readonly number[]): Promise<Sandbox> {
    const made = await this.#makeSandbox(request);
    const sandbox = { ...this.#hold(endpoint, made), listeners };
    request.opened?.(sandbox);
    await this.#link(endpoint, made.namespaceFd);
    return sandbox;
  }

  async connect(before: Endpoint, request: AttachmentRequest): Promise<Endpoint> {
    const { bridges, kernel } = this.#parts;
    const namespaceFd = this.#namespaceOf(before);
    // An interface that an earlier connect left, cut off with its daemon, has the name that is free for this one.
    await this.#parts.reaper.flush();
    const joined = attachmentsOf(before);
    const added = attach(bridges, request, request.interfaceName ?? freeName(bridges, joined, request.networkId));
    const after = this.#composed(before, [...joined, added]);
    // From here on the network is not closed.
    this.#hold(after, { ...this.#held.get(before.sandboxId), namespaceFd });
    try {
      await this.#turns.take(() => kernel.run("linkSandbox", namespaceFd, this.#linkOf(added, false)));
      await this.#moveOut(before, after, namespaceFd);
    } catch (error) {
      this.#hold(before, { ...this.#held.get(before.sandboxId), namespaceFd });
      await this.#removeNow(added);
      throw error;
    }
    return after;
  }

  async disconnect(before: Endpoint, endpointId: string): Promise<Endpoint> {
    const namespaceFd = this.#namespaceOf(before);
    const joined = attachmentsOf(before);
    const gone = joined.filter((each) => each.endpointId === endpointId);
    const after = this.#composed(
      before,
      joined.filter((each) => each.endpointId !== endpointId),
    );
    for (const each of gone) await this.#removeNow(each);
    await this.#moveOut(before, after, namespaceFd);
    return after;
  }

  async adopt(endpoint: Endpoint, containerId: string, namespaceFd: number | undefined, listeners: readonly number[] = []): Promise<void> {
    this.#hold(endpoint, namespaceFd === undefined ? {} : { namespaceFd });
    const joined = attachmentsOf(endpoint);
    if (joined.length === 0 && endpoint.ports.length === 0) return;
    for (const each of joined) this.#parts.bridges.find(each.networkId)?.pool.reserve(parseIpv4(each.address) ?? 0);
    this.#ports.adopt({ endpointId: endpoint.sandboxId, address: endpoint.address ?? "", containerId }, endpoint.ports);
    await this.#relays.adopt(endpoint, listeners);
    const rules = this.#parts.firewall.add(endpoint.sandboxId, this.#elementsOf(endpoint));
    if (namespaceFd !== undefined) await this.#link(endpoint, namespaceFd);
    await rules;
  }

  release(endpoint: Endpoint): Promise<void> {
    const held = this.#held.get(endpoint.sandboxId);
    this.#held.delete(endpoint.sandboxId);
    if (held?.userNamespaceFd !== undefined) closeFd(held.userNamespaceFd);
    const current = held?.endpoint ?? endpoint;
    const joined = attachmentsOf(current);
    if (joined.length === 0 && held?.namespaceFd !== undefined) closeFd(held.namespaceFd);
    // One that left all its networks has ports that nothing leads to.
    if (joined.length === 0 && current.ports.length === 0) return Promise.resolve();
    this.#ports.release(current.sandboxId, current.ports);
    const { reaper, bridges, firewall } = this.#parts;
    joined.forEach(({ endpointId, networkId, address }, index) => {
      reaper.delete({
        name: this.#hostName(endpointId),
        ...(index === 0 && held?.namespaceFd !== undefined && { namespaceFd: held.namespaceFd }),
        // The address is free when its interface is gone: until then the old one would answer for it.
        ...(held !== undefined && { gone: () => bridges.find(networkId)?.pool.release(parseIpv4(address) ?? 0) }),
      });
    });
    const removed = firewall.remove(current.sandboxId, this.#elementsOf(current));
    this.#relays.close(current.sandboxId);
    const flows = flowsTo(current).length === 0 ? [] : [{ answeredFrom: parseIpv4(current.address ?? "") ?? 0 }];
    return Promise.all([removed, firewall.forgetFlows(flows)]).then(() => undefined);
  }

  async reconcile(live: readonly Endpoint[]): Promise<void> {
    await this.#removeLinks([...live, ...[...this.#held.values()].map(({ endpoint }) => endpoint)]);
    await this.#parts.firewall.replaceAll(live.flatMap((endpoint) => this.#elementsOf(endpoint)));
  }

  async counters(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, readonly InterfaceCounters[]>> {
    const joined = endpoints.flatMap((endpoint) => attachmentsOf(endpoint).map(({ endpointId }) => ({ endpoint, endpointId })));
    if (joined.length === 0) return new Map();
    const found = await this.#parts.kernel.run(
      "readPeerCounters",
      joined.map(({ endpointId }) => this.#hostName(endpointId)),
    );
    const counted = new Map<string, InterfaceCounters[]>();
    joined.forEach(({ endpoint }, index) => {
      const counters = found[index];
      if (counters !== undefined) counted.set(endpoint.endpointId, [...(counted.get(endpoint.endpointId) ?? []), counters]);
    });
    return counted;
  }

  resolvConf(mode: "bridge" | "host" | "none", wanted: Partial<ResolverOverrides> = {}): Promise<string> {
    return readResolvConf(mode, { ...this.#parts.settings.resolver, ...wanted });
  }

  async destroy(): Promise<void> {
    for (const { endpoint } of this.#held.values()) await this.release(endpoint);
    const { reaper, firewall, bridges } = this.#parts;
    await this.#removeLinks([]);
    await reaper.flush();
    for (const { network } of bridges.all()) await bridges.close(network.id);
    await firewall.drop();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.reaper.flush();
    await this.#parts.firewall[Symbol.asyncDispose]();
    this.#relays[Symbol.dispose]();
    for (const { endpoint, namespaceFd, userNamespaceFd } of this.#held.values()) {
      this.#ports.release(endpoint.sandboxId, endpoint.ports);
      for (const fd of [namespaceFd, userNamespaceFd]) if (fd !== undefined) closeFd(fd);
    }
    this.#held.clear();
  }

  /** What forwards an endpoint's ports; nothing where it has no way out. */
  #elementsOf({ sandboxId, address, gateway, ports }: Endpoint): ReturnType<typeof portElements> {
    return address === undefined || gateway === undefined ? [] : portElements(address, ports, this.#relays.portOf(sandboxId));
  }

  #makeSandbox({ owners }: SandboxRequest): Promise<MadeSandbox> {
    return this.#turns.take(() => this.#parts.kernel.run("makeSandbox", owners));
  }

  #hold(endpoint: Endpoint, { namespaceFd, userNamespaceFd }: Partial<MadeSandbox>): Sandbox {
    const sandbox = {
      endpoint,
      ...(namespaceFd !== undefined && { namespaceFd }),
      ...(userNamespaceFd !== undefined && { userNamespaceFd }),
    };
    this.#held.set(endpoint.sandboxId, sandbox);
    return sandbox;
  }

  /** @throws conflict for a sandbox that has no namespace of its own, or is gone */
  #namespaceOf({ sandboxId }: Endpoint): number {
    const namespaceFd = this.#held.get(sandboxId)?.namespaceFd;
    if (namespaceFd === undefined) throw fault("conflict", `sandbox ${sandboxId} has no network of its own`);
    return namespaceFd;
  }

  /** An address that is asked for may be that of an interface which is about to go: the container's own, when it is started again. */
  async #freeAddresses(requests: readonly AttachmentRequest[] = []): Promise<void> {
    if (requests.some(({ address }) => address !== undefined)) await this.#parts.reaper.flush();
  }

  /** Addresses and ports, before the kernel is asked for anything. */
  async #reserve(request: SandboxRequest, ids: { readonly sandboxId: string; readonly endpointId: string }): Promise<BridgedEndpoint> {
    const { settings, bridges } = this.#parts;
    if (!settings.rules && request.ports.length > 0)
      throw fault("unsupported", 'ports cannot be published: "iptables" is false, and there are no rules without it');
    const joined = attachAll(bridges, request.attachments ?? [{}]);
    const [first, ...others] = joined;
    if (first === undefined) throw fault("internal", "a sandbox on a bridge has a network");
    const ports = publishedAt(bridges.get(first.networkId).network.publishAddress, request.ports);
    try {
      const owner = { endpointId: ids.sandboxId, address: first.address, containerId: request.containerId };
      const claimed = await this.#ports.claim(owner, ports, request.nameOf);
      const endpoint: BridgedEndpoint = {
        sandboxId: ids.sandboxId,
        mode: "bridge",
        ...first,
        ports: claimed,
        ...(others.length > 0 && { others }),
      };
      this.#held.set(ids.sandboxId, { endpoint });
      return endpoint;
    } catch (error) {
      for (const each of joined) detach(bridges, each);
      throw portFailureOf(request, first.endpointId, error);
    }
  }

  /** Puts the interfaces in that are missing, in the order of their names: the kernel's numbers follow it. */
  async #link(endpoint: Endpoint, namespaceFd: number): Promise<void> {
    const joined = attachmentsOf(endpoint);
    const [first] = joined;
    // A network whose bridge could not be made has nothing to be put back on.
    const standing = joined.filter(({ networkId }) => this.#parts.bridges.find(networkId) !== undefined);
    for (const each of standing.toSorted(byInterface)) {
      const link = this.#linkOf(each, each === first);
      await this.#turns.take(() => this.#parts.kernel.run("linkSandbox", namespaceFd, link));
    }
  }

  #linkOf(attachment: Attachment, isWayOut: boolean): SandboxLink {
    const { bridge, mtu, icc } = this.#parts.bridges.get(attachment.networkId).network;
    return {
      mtu,
      isolated: !icc,
      bridge,
      hostName: this.#hostName(attachment.endpointId),
      name: attachment.interfaceName ?? "eth0",
      mac: attachment.mac,
      address: parseIpv4(attachment.address) ?? 0,
      prefixLength: attachment.prefixLength,
      ...(isWayOut && attachment.gateway !== undefined && { gateway: parseIpv4(attachment.gateway) ?? 0 }),
    };
  }

  /** What a sandbox becomes with these places. */
  #composed({ sandboxId, ports }: Endpoint, joined: readonly Attachment[]): Endpoint {
    const [first, ...others] = orderedByWay(this.#parts.bridges, joined);
    if (first === undefined) return { sandboxId, endpointId: newId(), mode: "none", ports };
    return { sandboxId, mode: "bridge", ...first, ports, ...(others.length > 0 && { others }) };
  }

  /** Leads the default route and the published ports where the endpoint's way out is now. */
  async #moveOut(before: Endpoint, after: Endpoint, namespaceFd: number): Promise<void> {
    this.#hold(after, { ...this.#held.get(before.sandboxId), namespaceFd });
    if (before.endpointId === after.endpointId) return;
    const { kernel, firewall } = this.#parts;
    const gateway = after.gateway === undefined ? undefined : parseIpv4(after.gateway);
    await this.#turns.take(() => kernel.run("routeSandbox", namespaceFd, gateway));
    await firewall.remove(before.sandboxId, this.#elementsOf(before));
    await firewall.add(after.sandboxId, this.#elementsOf(after));
    await firewall.forgetFlows([
      ...flowsTo(after),
      ...(after.ports.length > 0 ? [{ answeredFrom: parseIpv4(before.address ?? "") ?? 0 }] : []),
    ]);
  }

  async #removeNow(attachment: Attachment): Promise<void> {
    const { reaper, bridges } = this.#parts;
    reaper.delete({ name: this.#hostName(attachment.endpointId), gone: () => detach(bridges, attachment) });
    await reaper.flush();
  }

  #hostName(endpointId: string): string {
    return hostLinkName(this.#parts.linkSeed, endpointId);
  }

  /** Deletes interfaces with our prefix that none of these endpoints owns. */
  async #removeLinks(owners: readonly Endpoint[]): Promise<void> {
    const { kernel, reaper, linkSeed } = this.#parts;
    const owned = new Set(owners.flatMap(attachmentsOf).map(({ endpointId }) => this.#hostName(endpointId)));
    const links = await kernel.run("readLinks");
    for (const { name, kind } of links) {
      if (kind === "veth" && name.startsWith(hostLinkPrefix(linkSeed)) && !owned.has(name)) reaper.delete({ name });
    }
  }
}
