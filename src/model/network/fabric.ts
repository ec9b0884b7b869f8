import type { UserMapping } from "#base";
import type { InterfaceCounters } from "./interface-counters.ts";
import type { ResolverOverrides } from "./resolv-conf.ts";

/** An interface of a container in one network. */
export interface Attachment {
  readonly endpointId: string;
  /** The network's id; absent for the default bridge. */
  readonly networkId?: string;
  /** Its name in the container; eth0 where it is absent, in rows of earlier daemons. */
  readonly interfaceName?: string;
  /** Dotted IPv4. */
  readonly address: string;
  readonly prefixLength: number;
  /** Absent in a network that leads nowhere. */
  readonly gateway?: string;
  readonly mac: string;
  /** Of the networks with the highest number one is the way out; absent is 0. */
  readonly priority?: number;
}

/** What a container holds of the network: its sandbox and, as inspect shows it, its place in the network that is its way out. */
export interface Endpoint extends Partial<Attachment> {
  readonly sandboxId: string;
  readonly endpointId: string;
  readonly mode: "bridge" | "host" | "none";
  readonly ports: readonly PublishedPort[];
  /** Its places in further networks. */
  readonly others?: readonly Attachment[];
}

/** All interfaces of a container, the way out first. */
export function attachmentsOf(endpoint: Endpoint): readonly Attachment[] {
  const { sandboxId: _sandbox, mode, ports: _ports, others = [], ...own } = endpoint;
  return mode === "bridge" && isAttachment(own) ? [own, ...others] : others;
}

function isAttachment(own: Partial<Attachment>): own is Attachment {
  return own.address !== undefined && own.mac !== undefined && own.prefixLength !== undefined;
}

export type PortProtocol = "tcp" | "udp" | "sctp";

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: PortProtocol;
  readonly hostIp: string;
  /** In a request 0 means one that is free; an endpoint names it. */
  readonly hostPort: number;
  /** In a request only: any that is free from `hostPort` to this one. */
  readonly hostPortEnd?: number;
}

/** A network with a bridge of its own, by all that makes it. */
export interface BridgeNetwork {
  readonly id: string;
  /** Named in errors, and what orders the ways out. */
  readonly name: string;
  /** The bridge's name in the kernel. */
  readonly bridge: string;
  /** "172.18.0.0/16" */
  readonly subnet: string;
  /** The way out, unless the network is internal. */
  readonly gateway: string;
  /** The bridge's own address; absent is the gateway. */
  readonly bridgeAddress?: string;
  /** CIDR that addresses are given from; the whole subnet where it is absent. */
  readonly range?: string;
  /** Addresses that are given to nobody. */
  readonly reserved: readonly string[];
  readonly internal: boolean;
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mtu: number;
  /** Where ports are published that name no address. */
  readonly publishAddress: string;
  /** What the names of interfaces in containers begin with. */
  readonly interfacePrefix: string;
}

/** A place in a network that is asked for. */
export interface AttachmentRequest {
  /** Absent is the default bridge. */
  readonly networkId?: string;
  readonly address?: string;
  readonly mac?: string;
  readonly priority?: number;
  /** Of the interface in the container. */
  readonly interfaceName?: string;
}

export interface SandboxRequest {
  readonly containerId: string;
  /** Named in errors as the endpoint; the container's id where it is absent. */
  readonly containerName?: string;
  readonly mode: "bridge" | "host" | "none";
  /** For `bridge`, in the order of their interfaces; absent is the default bridge alone. */
  readonly attachments?: readonly AttachmentRequest[];
  readonly ports: readonly PublishedPort[];
  /** What a conflict calls the container that has a port. */
  readonly nameOf?: (containerId: string) => string | undefined;
  /** With it the namespace belongs to a new user namespace, with these numbers. */
  readonly owners?: UserMapping;
  /**
   * Told of a sandbox as soon as it has its namespace and address, while its interface and ports are still being set up: a process may be
   * made in it, but must not run before the claim has resolved. When the claim rejects after that, the sandbox is gone.
   */
  readonly opened?: (sandbox: Sandbox) => void;
}

/** A leased sandbox: its network namespace is held by a descriptor, never by a mount. */
export interface Sandbox {
  readonly endpoint: Endpoint;
  /** The network namespace; absent for `host`. Closed by the fabric, on `release` or when it is disposed. */
  readonly namespaceFd?: number;
  /** Of the user namespace that was made for it. Closed as the other is; nothing holds it after a restart of the engine but the network itself. */
  readonly userNamespaceFd?: number;
  /** Listeners that whoever keeps the namespace keeps as well, so that clients wait for the next daemon; given back to `adopt`. */
  readonly listeners?: readonly number[];
}

/** The bridge network as the API shows it. */
export interface BridgeFacts {
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu: number;
  /** Whether containers reach each other. */
  readonly icc: boolean;
  /** Whether their own addresses stay inside. */
  readonly masquerade: boolean;
  /** Where ports are published that name no address. */
  readonly publishAddress: string;
}

/**
 * Networks of containers, in the kernel.
 *
 * `open` makes a network's bridge, or takes it back as an earlier daemon left it; idempotent. @throws conflict for an interface that is
 * another's. `close` takes bridge and rules away; idempotent. @throws conflict while somebody is attached.
 *
 * `claim` makes a namespace with lo up and, for `bridge`, an interface in each network, address, route and published ports, in one batch; when
 * it throws, nothing is left. `connect` and `disconnect` change that of a live sandbox and tell what it has become: the way out and with it the
 * published ports may move to another network. A sandbox without any network left has the mode `none`. @throws conflict, Docker's text, when
 * a host port is taken: "driver failed programming external connectivity on endpoint web (<id>): ", then "Bind for 0.0.0.0:80 failed: port is already allocated by container db" where an endpoint of ours has it, else
 * "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use by nginx (pid 7)". A host port 0 becomes one that is free; the
 * endpoint names it, and keeps it as long as it lives.
 * `adopt` takes a live endpoint back after a restart (address and ports are reserved again, elements put back where missing).
 * `release` takes ports out at once; the link is deleted and the namespace's descriptor closed behind the reply, within a second;
 * idempotent. `reconcile` removes what no live endpoint owns. `counters` tells by endpoint id what went through its interfaces, without
 * entering its namespace; an endpoint without an interface of its own, or that is gone, is left out.
 */
export interface Fabric {
  readonly bridge: BridgeFacts | undefined;
  open(network: BridgeNetwork): Promise<void>;
  close(networkId: string): Promise<void>;
  /** Destinations of the host's routes, as CIDR: where no network of ours may lie by itself. */
  routes(): Promise<readonly string[]>;
  claim(request: SandboxRequest): Promise<Sandbox>;
  connect(endpoint: Endpoint, request: AttachmentRequest): Promise<Endpoint>;
  disconnect(endpoint: Endpoint, endpointId: string): Promise<Endpoint>;
  adopt(endpoint: Endpoint, containerId: string, namespaceFd: number | undefined, listeners?: readonly number[]): Promise<void>;
  release(endpoint: Endpoint, containerId: string): Promise<void>;
  reconcile(live: readonly Endpoint[]): Promise<void>;
  counters(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, readonly InterfaceCounters[]>>;
  /** What goes into the container's /etc/resolv.conf: what is asked, else the daemon's settings, else the host's without loopback name servers. */
  resolvConf(mode: "bridge" | "host" | "none", asked?: Partial<ResolverOverrides>): Promise<string>;
}
