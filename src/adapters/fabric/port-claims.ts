import { EngineError, fault, isFault } from "#base";
import { KernelError, PortHolder } from "#linux";
import { hostAddressOf, parseIpv4, PortTable, type PublishedPort } from "#network";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

/** Offers of the kernel that are looked at before its range counts as used up. */
const mostAttempts = 64;

/**
 * Published ports of live endpoints. Each is bound on the host as well, by a socket that takes no connection: so a port of another
 * process is found, and no other process gets one of ours. The sockets go with the daemon; the elements that forward stay.
 */
export class PortClaims {
  readonly #table = new PortTable();
  readonly #holders = new Map<string, readonly PortHolder[]>();

  /** Takes all ports or none, and tells which; `address` is the container's. @throws conflict, Docker's text */
  claim(endpointId: string, address: string, ports: readonly PublishedPort[]): readonly PublishedPort[] {
    const claimed = ports.filter(({ hostPort }) => hostPort !== 0);
    this.#table.reserve(endpointId, claimed);
    const holders: PortHolder[] = [];
    try {
      for (const port of claimed) holders.push(hold(port, address));
      // After those that were named, so that none of them is chosen.
      const all = ports.map((port) => {
        if (port.hostPort !== 0) return port;
        const holder = this.#choose(endpointId, port, address);
        holders.push(holder);
        const chosen = { ...port, hostPort: holder.port };
        claimed.push(chosen);
        return chosen;
      });
      this.#holders.set(endpointId, holders);
      return all;
    } catch (error) {
      for (const holder of holders) holder[Symbol.dispose]();
      this.#table.release(endpointId, claimed);
      throw error;
    }
  }

  /** Takes the ports of an endpoint that lives. One that a process bound while no daemon held it stays forwarded and is merely not held. Idempotent. */
  adopt(endpointId: string, address: string, ports: readonly PublishedPort[]): void {
    if (this.#holders.has(endpointId)) return;
    this.#table.adopt(endpointId, ports);
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
    for (const holder of this.#holders.get(endpointId) ?? []) holder[Symbol.dispose]();
    this.#holders.delete(endpointId);
  }

  /** A port that the kernel has free and no endpoint of ours forwards: one may, without a socket, when its port was bound while no daemon lived. */
  #choose(endpointId: string, port: PublishedPort, address: string): PortHolder {
    using passedOver = new DisposableStack();
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      try {
        const holder = hold(port, address);
        try {
          this.#table.reserve(endpointId, [{ ...port, hostPort: holder.port }]);
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
