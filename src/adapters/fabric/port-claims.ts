import { setImmediate } from "node:timers/promises";
import { EngineError, fault, isFault } from "#base";
import { descriptorLimit, KernelError, PortHolder } from "#linux";
import { hostAddressOf, parseIpv4, PortTable, type PublishedPort } from "#network";

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

  constructor(descriptors: number = descriptorLimit()) {
    this.#most = Math.floor(descriptors / 4);
  }

  /** Takes all ports or none, and tells which; conflicts name the container that has it, by `nameOf`. @throws conflict, Docker's text; unavailable for more ports than can be held */
  async claim(owner: PortOwner, ports: readonly PublishedPort[], nameOf: NameOf = () => undefined): Promise<readonly PublishedPort[]> {
    const { endpointId } = owner;
    if (ports.length > 0 && this.#held + ports.length > this.#most) {
      const room = `${this.#held} are held, and ${this.#most} may be, a quarter of the daemon's open files (ulimit -n)`;
      throw fault("unavailable", `cannot hold ${ports.length} more host ports: ${room}`);
    }
    const named = ports.filter((port) => port.hostPort !== 0 && port.hostPortEnd === undefined);
    this.#owners.set(endpointId, owner.containerId);
    const claimed = [...named];
    const holders: PortHolder[] = [];
    this.#held += ports.length;
    try {
      this.#table.reserve(endpointId, named, (id) => nameOf(this.#owners.get(id) ?? ""));
      for (const [index, port] of named.entries()) {
        holders.push(hold(port, owner.address));
        if (index % portsPerTurn === portsPerTurn - 1) await setImmediate();
      }
      // Ranges after those that were named, and what may be any after both, so that none of them is chosen.
      const chosen = new Map<PublishedPort, PublishedPort>();
      for (const port of ports.filter(isOpen).toSorted((one, other) => Number(isAny(one)) - Number(isAny(other)))) {
        const holder = this.#choose(owner, port);
        holders.push(holder);
        const { hostPortEnd: _, ...rest } = port;
        chosen.set(port, { ...rest, hostPort: holder.port });
        claimed.push({ ...rest, hostPort: holder.port });
        if (claimed.length % portsPerTurn === 0) await setImmediate();
      }
      this.#holders.set(endpointId, holders);
      return ports.map((port) => chosen.get(port) ?? port);
    } catch (error) {
      for (const holder of holders) holder[Symbol.dispose]();
      this.#table.release(endpointId, claimed);
      this.#owners.delete(endpointId);
      this.#held -= ports.length;
      throw error;
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

  #choose(owner: PortOwner, port: PublishedPort): PortHolder {
    return port.hostPort === 0 ? this.#chooseAny(owner, port) : this.#chooseWithin(owner, port);
  }

  /** The first of a range that nobody has. */
  #chooseWithin(owner: PortOwner, port: PublishedPort): PortHolder {
    const { hostPortEnd = port.hostPort, ...first } = port;
    let failure: unknown;
    for (let hostPort = first.hostPort; hostPort <= hostPortEnd; hostPort += 1) {
      const candidate = { ...first, hostPort };
      try {
        this.#table.reserve(owner.endpointId, [candidate]);
      } catch (error) {
        if (!isFault(error, "conflict")) throw error;
        continue;
      }
      try {
        return hold(candidate, owner.address);
      } catch (error) {
        this.#table.release(owner.endpointId, [candidate]);
        if (!isInUse(error)) throw error;
        failure = error;
      }
    }
    throw fault("conflict", "all ports are allocated", { cause: failure });
  }

  /** A port that the kernel has free and no endpoint of ours forwards: one may, without a socket, when its port was bound while no daemon lived. */
  #chooseAny(owner: PortOwner, port: PublishedPort): PortHolder {
    using passedOver = new DisposableStack();
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      try {
        const holder = hold(port, owner.address);
        try {
          this.#table.reserve(owner.endpointId, [{ ...port, hostPort: holder.port }]);
          return holder;
        } catch (error) {
          // Kept until another is found, or the kernel would offer it again.
          passedOver.use(holder);
          throw error;
        }
      } catch (error) {
        if (!isFault(error, "conflict")) throw error;
      }
    }
    throw fault("conflict", "all ports are allocated");
  }
}

function isOpen(port: PublishedPort): boolean {
  return isAny(port) || port.hostPortEnd !== undefined;
}

function isAny(port: PublishedPort): boolean {
  return port.hostPort === 0;
}

function isInUse(error: unknown): boolean {
  return error instanceof EngineError && error.cause instanceof KernelError && error.cause.code === "EADDRINUSE";
}

function hold(port: PublishedPort, address: string): PortHolder {
  const host = hostAddressOf(port);
  const number = parseIpv4(host);
  if (number === undefined)
    throw fault("unsupported", `publishing on ${JSON.stringify(host)} is not supported yet: only IPv4 addresses are`);
  try {
    return new PortHolder({ protocol: port.protocol, address: number, port: port.hostPort });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const target = `${host}:${port.hostPort}:${address}:${port.containerPort}/${port.protocol}`;
    throw fault("conflict", `failed to bind host port for ${target}: ${reasons[error.code] ?? error.message}`, { cause: error });
  }
}
