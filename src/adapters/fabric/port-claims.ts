import { setImmediate } from "node:timers/promises";
import { EngineError, fault, isFault } from "#base";
import { descriptorLimit, KernelError, type KernelPort, PortHolder } from "#linux";
import { everyAddress6, hostAddressOf, parseIpv4, parseIpv6, PortTable, type PublishedPort } from "#network";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
  EPROTONOSUPPORT: "protocol not supported",
};

/** Offers of the kernel that are looked at before its range counts as used up. */
const mostAttempts = 64;
/** Ports that are bound in one go: about a millisecond. */
const portsPerTurn = 100;

/** Whose ports they are. */
export interface PortOwner {
  readonly endpointId: string;
  /** The container's, in its network. */
  readonly address: string;
  readonly containerId: string;
}

/** What was chosen for a port, and what holds it. */
interface Taken {
  readonly ports: readonly PublishedPort[];
  readonly holders: readonly PortHolder[];
}

type NameOf = (containerId: string) => string | undefined;

/**
 * Published ports of live endpoints. Each is bound on the host as well, by a socket that takes no connection: so a port of another
 * process is found, and no other process gets one of ours. The sockets go with the daemon; the elements that forward stay.
 */
export class PortClaims {
  /** Containers by endpoint. */
  readonly #owners = new Map<string, string>();
  readonly #table = new PortTable();
  readonly #holders = new Map<string, readonly PortHolder[]>();
  /** Ports that may be held at once: a quarter of the daemon's descriptors, so that it keeps what everything else needs. */
  readonly #most: number;
  #held = 0;
  readonly #hasIpv6: boolean;
  readonly #kernel: KernelPort;

  /** `hasIpv6`: IPv6 of the host reaches its containers. */
  constructor(
    kernel: KernelPort,
    { hasIpv6, descriptors = descriptorLimit() }: { readonly hasIpv6: boolean; readonly descriptors?: number },
  ) {
    this.#kernel = kernel;
    this.#hasIpv6 = hasIpv6;
    this.#most = Math.floor(descriptors / 4);
  }

  /** Takes all ports or none, and tells which; conflicts name the container that has it, by `nameOf`. @throws conflict, Docker's text; unavailable for more ports than can be held */
  async claim(owner: PortOwner, ports: readonly PublishedPort[], nameOf: NameOf = () => undefined): Promise<readonly PublishedPort[]> {
    const { endpointId } = owner;
    const count = ports.flatMap((port) => this.#pair(port)).length;
    if (count > 0 && this.#held + count > this.#most) {
      const room = `${this.#held} are held, and ${this.#most} may be, a quarter of the daemon's open files (ulimit -n)`;
      throw fault("unavailable", `cannot hold ${count} more host ports: ${room}`);
    }
    const named = ports.filter((port) => !isOpen(port));
    this.#owners.set(endpointId, owner.containerId);
    const claimed = named.flatMap((port) => this.#pair(port));
    const holders: PortHolder[] = [];
    this.#held += count;
    try {
      this.#table.reserve(endpointId, claimed, (id) => nameOf(this.#owners.get(id) ?? ""));
      for (const [index, port] of [...claimed].entries()) {
        holders.push(hold(port, owner.address));
        if (index % portsPerTurn === portsPerTurn - 1) await setImmediate();
      }
      // Ranges after those that were named, and what may be any after both, so that none of them is chosen.
      const chosen = new Map<PublishedPort, readonly PublishedPort[]>();
      for (const port of ports.filter(isOpen).toSorted((one, other) => Number(isAny(one)) - Number(isAny(other)))) {
        const taken = this.#choose(owner, port);
        holders.push(...taken.holders);
        claimed.push(...taken.ports);
        chosen.set(port, taken.ports);
        if (chosen.size % portsPerTurn === 0) await setImmediate();
      }
      this.#holders.set(endpointId, holders);
      return ports.flatMap((port) => chosen.get(port) ?? this.#pair(port));
    } catch (error) {
      for (const holder of holders) holder[Symbol.dispose]();
      this.#table.release(endpointId, claimed);
      this.#owners.delete(endpointId);
      this.#held -= count;
      throw isInUse(error) ? await this.#withUser(error) : error;
    }
  }

  /** Takes the ports of an endpoint that lives. One that a process bound while no daemon held it stays forwarded and is merely not held. Idempotent. */
  adopt({ endpointId, address, containerId }: PortOwner, ports: readonly PublishedPort[]): void {
    if (this.#holders.has(endpointId)) return;
    this.#owners.set(endpointId, containerId);
    this.#table.adopt(endpointId, ports);
    this.#held += ports.length;
    const holders: PortHolder[] = [];
    for (const port of ports) {
      try {
        holders.push(hold(port, address));
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
    this.#holders.set(endpointId, holders);
  }

  /** Idempotent. */
  release(endpointId: string, ports: readonly PublishedPort[]): void {
    this.#table.release(endpointId, ports);
    this.#owners.delete(endpointId);
    const holders = this.#holders.get(endpointId);
    if (holders === undefined) return;
    this.#held -= ports.length;
    for (const holder of holders) holder[Symbol.dispose]();
    this.#holders.delete(endpointId);
  }

  /** Names the process that has the port, where it can be seen. */
  async #withUser(error: EngineError & { readonly cause: PortInUse }): Promise<EngineError> {
    const { protocol, port } = error.cause;
    const user = protocol === "sctp" ? undefined : await this.#kernel.run("findPortUser", protocol, port);
    return user === undefined ? error : fault(error.fault, `${error.message} by ${user.program} (pid ${user.pid})`, { cause: error.cause });
  }

  /** One that names no address is published on all of IPv6 as well, where the host has that; only TCP can be carried there. */
  #pair(port: PublishedPort): readonly PublishedPort[] {
    return this.#hasIpv6 && port.hostIp === "" && port.protocol === "tcp" ? [port, { ...port, hostIp: everyAddress6 }] : [port];
  }

  #choose(owner: PortOwner, port: PublishedPort): Taken {
    return isAny(port) ? this.#chooseAny(owner, port) : this.#chooseWithin(owner, port);
  }

  /** The first of a range that nobody has. */
  #chooseWithin(owner: PortOwner, port: PublishedPort): Taken {
    const { hostPortEnd = port.hostPort, ...first } = port;
    for (let hostPort = first.hostPort; hostPort <= hostPortEnd; hostPort += 1) {
      const taken = this.#attempt(owner, { ...first, hostPort });
      if (taken !== undefined) return taken;
    }
    throw fault("conflict", "all ports are allocated");
  }

  /** A port that the kernel has free and no endpoint of ours forwards: one may, without a socket, when its port was bound while no daemon lived. */
  #chooseAny(owner: PortOwner, port: PublishedPort): Taken {
    using passedOver = new DisposableStack();
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      // Kept until another is found, or the kernel would offer it again.
      const offer = hold(port, owner.address);
      const taken = this.#attempt(owner, { ...port, hostPort: offer.port }, offer);
      if (taken !== undefined) return taken;
      passedOver.use(offer);
    }
    throw fault("conflict", "all ports are allocated");
  }

  /** Undefined where the port is somebody's; `offer` holds it already. */
  #attempt(owner: PortOwner, port: PublishedPort, offer?: PortHolder): Taken | undefined {
    const ports = this.#pair(port);
    try {
      this.#table.reserve(owner.endpointId, ports);
    } catch (error) {
      if (isFault(error, "conflict")) return undefined;
      throw error;
    }
    const holders = offer === undefined ? [] : [offer];
    try {
      for (const each of ports.slice(holders.length)) holders.push(hold(each, owner.address));
      return { ports, holders };
    } catch (error) {
      this.#table.release(owner.endpointId, ports);
      for (const holder of holders) if (holder !== offer) holder[Symbol.dispose]();
      if (!isInUse(error)) throw error;
      return undefined;
    }
  }
}

function isOpen(port: PublishedPort): boolean {
  return isAny(port) || port.hostPortEnd !== undefined;
}

function isAny(port: PublishedPort): boolean {
  return port.hostPort === 0;
}

/** A port that another process has. */
class PortInUse extends Error {
  readonly protocol: PublishedPort["protocol"];
  readonly port: number;

  constructor({ protocol, hostPort }: PublishedPort, cause: KernelError) {
    super(cause.message, { cause });
    this.protocol = protocol;
    this.port = hostPort;
  }
}

function isInUse(error: unknown): error is EngineError & { readonly cause: PortInUse } {
  return error instanceof EngineError && error.cause instanceof PortInUse;
}

function hold(port: PublishedPort, address: string): PortHolder {
  const host = hostAddressOf(port);
  const number = parseIpv4(host) ?? parseIpv6(host);
  if (number === undefined) throw fault("invalid", `invalid host IP address: ${JSON.stringify(host)}`);
  if (typeof number !== "number" && port.protocol !== "tcp")
    throw fault("unsupported", `publishing ${port.protocol} on ${host} is not supported yet: IPv6 carries tcp only`);
  try {
    return new PortHolder({ protocol: port.protocol, address: number, port: port.hostPort });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const shown = typeof number === "number" ? host : `[${host}]`;
    const target = `${shown}:${port.hostPort}:${address}:${port.containerPort}/${port.protocol}`;
    const cause = error.code === "EADDRINUSE" ? new PortInUse(port, error) : error;
    throw fault("conflict", `failed to bind host port for ${target}: ${reasons[error.code] ?? error.message}`, { cause });
  }
}
