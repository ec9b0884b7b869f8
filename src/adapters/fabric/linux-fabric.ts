import { EngineError, fault, messageOf, newId, type Place } from "#base";
import { closeFd, hasCode, type KernelPort, type SandboxLink, type UdpFlows } from "#linux";
import {
  AddressPool,
  asksStubOnly,
  type BridgeFacts,
  type Cidr,
  type Endpoint,
  type Fabric,
  formatCidr,
  formatIpv4,
  hostLinkName,
  hostLinkPrefix,
  type InterfaceCounters,
  macOf,
  networkOf,
  parseCidr,
  parseIpv4,
  type PublishedPort,
  resolvConf,
  type ResolverOverrides,
  type Sandbox,
  type SandboxRequest,
} from "#network";
import { openBridge } from "./bridge.ts";
import { type BridgeSettings, usualBridge } from "./bridge-settings.ts";
import { Firewall } from "./firewall.ts";
import { LinkReaper } from "./link-reaper.ts";
import { openWithoutRules, type Rules } from "./no-rules.ts";
import { PortClaims } from "./port-claims.ts";
import { portElements, ruleset } from "./ruleset.ts";
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

interface BridgeParts {
  readonly name: string;
  readonly gateway: Cidr;
  readonly settings: BridgeSettings;
  readonly pool: AddressPool;
  readonly firewall: Rules;
  readonly reaper: LinkReaper;
  /** The interface group of links that are to go. */
  readonly group: number;
}

/** An endpoint on a bridge, by all that makes its interface. */
type BridgeEndpoint = Endpoint & Required<Pick<Endpoint, "address" | "gateway" | "mac" | "prefixLength">>;

const systemdServers = "/run/systemd/resolve/resolv.conf";

/**
 * Opens the networks of this daemon: makes or adopts the bridge and puts the rules. @throws invalid for a name or address that is none;
 * unavailable where the kernel refuses, with its reason
 */
export async function openFabric(options: FabricOptions): Promise<OwnedFabric> {
  const { place, kernel } = options;
  const settings = { ...usualBridge, ...options.settings };
  if (place.bridge === "none") return new LinuxFabric(kernel, settings.resolver, undefined);
  try {
    return new LinuxFabric(kernel, settings.resolver, await openParts(options, settings));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw fault("unavailable", `cannot set up the network of bridge ${place.bridge}: ${messageOf(error)}`, { cause: error });
  }
}

async function openParts({ place, kernel, closedPorts = [] }: FabricOptions, settings: BridgeSettings): Promise<BridgeParts> {
  const { mtu, forward, fixedCidr } = settings;
  const { index, ...gateway } = await openBridge(kernel, { name: place.bridge, cidr: place.bridgeCidr, mtu, forward });
  const way = gatewayOf(gateway, settings);
  const pool = new AddressPool(gateway, [gateway.address, way], fixedCidr === undefined ? gateway : parseCidr(fixedCidr));
  const firewall = settings.rules
    ? await Firewall.open(kernel, ruleset(place.nftTable, { bridge: place.bridge, gateway, closedPorts, settings }))
    : await openWithoutRules(kernel, place.nftTable);
  // Group 0 is everybody's; the index of our own bridge, with a mark above it, is nobody else's.
  const group = 0x67000000 + index;
  return { name: place.bridge, gateway, settings, pool, firewall, reaper: new LinkReaper(kernel, group), group };
}

/** Where containers send what is not for their own network. @throws invalid for an address that is not on the bridge's */
function gatewayOf(bridge: Cidr, { gateway }: BridgeSettings): number {
  if (gateway === undefined) return bridge.address;
  const address = parseIpv4(gateway);
  if (address === undefined || networkOf({ ...bridge, address }).address !== networkOf(bridge).address)
    throw fault("invalid", `default-gateway ${gateway} is not in the bridge's network ${formatCidr(networkOf(bridge))}`);
  return address;
}

class LinuxFabric implements OwnedFabric {
  readonly bridge: BridgeFacts | undefined;
  readonly #kernel: KernelPort;
  readonly #parts: BridgeParts | undefined;
  readonly #ports = new PortClaims();
  /** The kernel changes interfaces under one lock, so several calls at once gain nothing and keep workers from others. */
  readonly #turns = new Turns();
  /** Live endpoints by id, and the namespace that we hold for each. */
  readonly #held = new Map<string, { readonly endpoint: Endpoint; readonly namespaceFd?: number }>();
  readonly #resolver: ResolverOverrides;

  constructor(kernel: KernelPort, resolver: ResolverOverrides, parts: BridgeParts | undefined) {
    this.#kernel = kernel;
    this.#resolver = resolver;
    this.#parts = parts;
    if (parts === undefined) return;
    const { name, gateway, settings } = parts;
    const { mtu, icc, masquerade, publishAddress } = settings;
    const addresses = { subnet: formatCidr(networkOf(gateway)), gateway: formatIpv4(gatewayOf(gateway, settings)) };
    this.bridge = { name, ...addresses, mtu, icc, masquerade, publishAddress };
  }

  async claim(request: SandboxRequest): Promise<Sandbox> {
    const ids = { sandboxId: newId(), endpointId: newId() };
    if (request.mode === "host") return { endpoint: { ...ids, mode: "host", ports: [] } };
    if (request.mode === "none") return this.#hold({ ...ids, mode: "none", ports: [] }, await this.#makeSandbox());
    const parts = this.#bridgeParts();
    parts.reaper.defer();
    const endpoint = await this.#reserve(parts, request, ids);
    const settled = await Promise.allSettled([
      this.#equip(parts, endpoint, request),
      parts.firewall.add(endpoint.endpointId, portElements(endpoint.address, endpoint.ports)),
      parts.firewall.check(),
      parts.firewall.forgetFlows(flowsTo(endpoint)),
    ]);
    const [equipped] = settled;
    const failed = settled.find((result) => result.status === "rejected");
    if (failed === undefined && equipped.status === "fulfilled") return equipped.value;
    await this.release(endpoint);
    throw failureOf(request, failed?.reason);
  }

  /** A namespace, of which whoever waits is told at once, and then its interface. */
  async #equip(parts: BridgeParts, endpoint: BridgeEndpoint, request: SandboxRequest): Promise<Sandbox> {
    const namespaceFd = await this.#makeSandbox();
    const sandbox = this.#hold(endpoint, namespaceFd);
    request.opened?.(sandbox);
    await this.#turns.take(() => this.#kernel.run("linkSandbox", namespaceFd, linkOf(parts, endpoint)));
    return sandbox;
  }

  async adopt(endpoint: Endpoint, containerId: string, namespaceFd: number | undefined): Promise<void> {
    this.#hold(endpoint, namespaceFd);
    const parts = this.#parts;
    if (parts === undefined || !isBridged(endpoint)) return;
    parts.pool.reserve(parseIpv4(endpoint.address) ?? 0);
    this.#ports.adopt({ endpointId: endpoint.endpointId, address: endpoint.address, containerId }, endpoint.ports);
    const rules = parts.firewall.add(endpoint.endpointId, portElements(endpoint.address, endpoint.ports));
    if (namespaceFd !== undefined) {
      const link = linkOf(parts, endpoint);
      await this.#turns.take(() => this.#kernel.run("linkSandbox", namespaceFd, link));
    }
    await rules;
  }

  release(endpoint: Endpoint): Promise<void> {
    const held = this.#held.get(endpoint.endpointId);
    this.#held.delete(endpoint.endpointId);
    const parts = this.#parts;
    if (parts === undefined || !isBridged(endpoint)) {
      if (held?.namespaceFd !== undefined) closeFd(held.namespaceFd);
      return Promise.resolve();
    }
    this.#ports.release(endpoint.endpointId, endpoint.ports);
    parts.reaper.delete({
      name: hostLinkName(parts.name, endpoint.endpointId),
      ...(held?.namespaceFd !== undefined && { namespaceFd: held.namespaceFd }),
      // The address is free when its interface is gone: until then the old one would answer for it.
      ...(held !== undefined && { gone: () => parts.pool.release(parseIpv4(endpoint.address) ?? 0) }),
    });
    const removed = parts.firewall.remove(endpoint.endpointId, portElements(endpoint.address, endpoint.ports));
    const flows = flowsTo(endpoint).length === 0 ? [] : [{ answeredFrom: parseIpv4(endpoint.address) ?? 0 }];
    return Promise.all([removed, parts.firewall.forgetFlows(flows)]).then(() => undefined);
  }

  async reconcile(live: readonly Endpoint[]): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined) return;
    await this.#removeLinks(parts, [...live, ...[...this.#held.values()].map(({ endpoint }) => endpoint)]);
    await parts.firewall.replaceAll(live.filter(isBridged).flatMap((endpoint) => portElements(endpoint.address, endpoint.ports)));
  }

  async counters(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, readonly InterfaceCounters[]>> {
    const parts = this.#parts;
    const bridged = endpoints.filter(isBridged);
    if (parts === undefined || bridged.length === 0) return new Map();
    const names = bridged.map(({ endpointId }) => hostLinkName(parts.name, endpointId));
    const found = await this.#kernel.run("readPeerCounters", names);
    return new Map(
      bridged.flatMap(({ endpointId }, index) => {
        const counters = found[index];
        return counters === undefined ? [] : [[endpointId, [counters]]];
      }),
    );
  }

  async resolvConf(mode: "bridge" | "host" | "none", wanted: Partial<ResolverOverrides> = {}): Promise<string> {
    const text = await readText("/etc/resolv.conf");
    const overrides = { ...this.#resolver, ...wanted };
    const asked = mode !== "host" && asksStubOnly(text) ? await readText(systemdServers) : "";
    return asked === "" ? resolvConf(text, mode, { overrides }) : resolvConf(asked, mode, { overrides, hostPath: systemdServers });
  }

  async destroy(): Promise<void> {
    for (const { endpoint } of this.#held.values()) await this.release(endpoint);
    const parts = this.#parts;
    if (parts !== undefined) {
      await this.#removeLinks(parts, []);
      await parts.reaper.flush();
      await parts.firewall.drop();
      await this.#kernel.run("deleteLinks", [parts.name], parts.group);
    }
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts?.reaper.flush();
    await this.#parts?.firewall[Symbol.asyncDispose]();
    for (const { endpoint, namespaceFd } of this.#held.values()) {
      this.#ports.release(endpoint.endpointId, endpoint.ports);
      if (namespaceFd !== undefined) closeFd(namespaceFd);
    }
    this.#held.clear();
  }

  #makeSandbox(): Promise<number> {
    return this.#turns.take(() => this.#kernel.run("makeSandbox"));
  }

  #bridgeParts(): BridgeParts {
    if (this.#parts === undefined) throw fault("not-found", "network bridge not found");
    return this.#parts;
  }

  #hold(endpoint: Endpoint, namespaceFd: number | undefined): Sandbox {
    const sandbox = { endpoint, ...(namespaceFd !== undefined && { namespaceFd }) };
    this.#held.set(endpoint.endpointId, sandbox);
    return sandbox;
  }

  /** Address and ports, before the kernel is asked for anything. */
  async #reserve(
    parts: BridgeParts,
    request: SandboxRequest,
    ids: { readonly sandboxId: string; readonly endpointId: string },
  ): Promise<BridgeEndpoint> {
    if (!parts.settings.rules && request.ports.length > 0)
      throw fault("unsupported", 'ports cannot be published: "iptables" is false, and there are no rules without it');
    const number = parts.pool.take();
    const address = formatIpv4(number);
    const gateway = formatIpv4(gatewayOf(parts.gateway, parts.settings));
    const { prefixLength } = parts.gateway;
    const ports = publishedAt(parts.settings.publishAddress, request.ports);
    try {
      const owner = { endpointId: ids.endpointId, address, containerId: request.containerId };
      const claimed = await this.#ports.claim(owner, ports, request.nameOf);
      const endpoint: BridgeEndpoint = { ...ids, mode: "bridge", address, prefixLength, gateway, mac: macOf(number), ports: claimed };
      this.#held.set(ids.endpointId, { endpoint });
      return endpoint;
    } catch (error) {
      parts.pool.release(number);
      if (!(error instanceof EngineError)) throw error;
      const text = `driver failed programming external connectivity on endpoint ${nameOf(request)} (${ids.endpointId}): ${error.message}`;
      throw fault(error.fault, text, { cause: error });
    }
  }

  /** Deletes interfaces with our prefix that none of these endpoints owns. */
  async #removeLinks(parts: BridgeParts, owners: readonly Endpoint[]): Promise<void> {
    const owned = new Set(owners.map((endpoint) => hostLinkName(parts.name, endpoint.endpointId)));
    const links = await this.#kernel.run("readLinks");
    for (const { name, kind } of links) {
      if (kind === "veth" && name.startsWith(hostLinkPrefix(parts.name)) && !owned.has(name)) parts.reaper.delete({ name });
    }
  }
}

/** Ports that name no address are published on this one. */
function publishedAt(address: string, ports: readonly PublishedPort[]): readonly PublishedPort[] {
  return address === "0.0.0.0" ? ports : ports.map((port) => (port.hostIp === "" ? { ...port, hostIp: address } : port));
}

/** Flows that may have begun before the endpoint's ports were published. */
function flowsTo(endpoint: Endpoint): readonly UdpFlows[] {
  return endpoint.ports.filter((port) => port.protocol === "udp").map((port) => ({ toPort: port.hostPort }));
}

function failureOf(request: SandboxRequest, cause: unknown): EngineError {
  const kind = cause instanceof EngineError ? cause.fault : "internal";
  return fault(kind, `failed to create endpoint ${nameOf(request)} on network bridge: ${messageOf(cause)}`, { cause });
}

function nameOf(request: SandboxRequest): string {
  return request.containerName ?? request.containerId;
}

function isBridged(endpoint: Endpoint): endpoint is BridgeEndpoint {
  return endpoint.mode === "bridge" && endpoint.address !== undefined && endpoint.gateway !== undefined;
}

function linkOf({ name: bridge, settings }: BridgeParts, endpoint: BridgeEndpoint): SandboxLink {
  return {
    mtu: settings.mtu,
    isolated: !settings.icc,
    bridge,
    hostName: hostLinkName(bridge, endpoint.endpointId),
    mac: endpoint.mac,
    address: parseIpv4(endpoint.address) ?? 0,
    prefixLength: endpoint.prefixLength,
    gateway: parseIpv4(endpoint.gateway) ?? 0,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await Bun.file(path).text();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
