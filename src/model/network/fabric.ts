import type { InterfaceCounters } from "./interface-counters.ts";
import type { ResolverOverrides } from "./resolv-conf.ts";

/** A container's place in a network, as inspect shows it. */
export interface Endpoint {
  readonly sandboxId: string;
  readonly endpointId: string;
  readonly mode: "bridge" | "host" | "none";
  /** Dotted IPv4, absent without a network of its own. */
  readonly address?: string;
  readonly prefixLength?: number;
  readonly gateway?: string;
  readonly mac?: string;
  readonly ports: readonly PublishedPort[];
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

export interface SandboxRequest {
  readonly containerId: string;
  /** Named in errors as the endpoint; the container's id where it is absent. */
  readonly containerName?: string;
  readonly mode: "bridge" | "host" | "none";
  readonly ports: readonly PublishedPort[];
  /** What a conflict calls the container that has a port. */
  readonly nameOf?: (containerId: string) => string | undefined;
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
 * `claim` makes a namespace with lo up and, for `bridge`, an interface, address, route and published ports, in one batch; when it throws,
 * nothing is left. @throws conflict, Docker's text, when a host port is taken: "driver failed programming external connectivity on
 * endpoint web (<id>): ", then "Bind for 0.0.0.0:80 failed: port is already allocated by container db" where an endpoint of ours has it, else
 * "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use". A host port 0 becomes one that is free; the
 * endpoint names it, and keeps it as long as it lives.
 * `adopt` takes a live endpoint back after a restart (address and ports are reserved again, elements put back where missing).
 * `release` takes ports out at once; the link is deleted and the namespace's descriptor closed behind the reply, within a second;
 * idempotent. `reconcile` removes what no live endpoint owns. `counters` tells by endpoint id what went through its interfaces, without
 * entering its namespace; an endpoint without an interface of its own, or that is gone, is left out.
 */
export interface Fabric {
  readonly bridge: BridgeFacts | undefined;
  claim(request: SandboxRequest): Promise<Sandbox>;
  adopt(endpoint: Endpoint, containerId: string, namespaceFd: number | undefined): Promise<void>;
  release(endpoint: Endpoint, containerId: string): Promise<void>;
  reconcile(live: readonly Endpoint[]): Promise<void>;
  counters(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, readonly InterfaceCounters[]>>;
  /** What goes into the container's /etc/resolv.conf: what is asked, else the daemon's settings, else the host's without loopback name servers. */
  resolvConf(mode: "bridge" | "host" | "none", asked?: Partial<ResolverOverrides>): Promise<string>;
}
