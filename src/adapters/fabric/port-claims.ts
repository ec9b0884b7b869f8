import { EngineError, fault } from "#base";
import { KernelError, PortHolder } from "#linux";
import { hostAddressOf, parseIpv4, PortTable, type PublishedPort } from "#network";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

/**
 * Published ports of live endpoints. Each is bound on the host as well, by a socket that takes no connection: so a port of another
 * process is found, and no other process gets one of ours. The sockets go with the daemon; the elements that forward stay.
 */
export class PortClaims {
  readonly #table = new PortTable();
  readonly #holders = new Map<string, readonly PortHolder[]>();

  /** Takes all ports or none; `address` is the container's. @throws conflict, Docker's text */
  claim(endpointId: string, address: string, ports: readonly PublishedPort[]): void {
    this.#table.reserve(endpointId, ports);
    const holders: PortHolder[] = [];
    try {
      for (const port of ports) holders.push(hold(port, address));
    } catch (error) {
      for (const holder of holders) holder[Symbol.dispose]();
      this.#table.release(endpointId, ports);
      throw error;
    }
    this.#holders.set(endpointId, holders);
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
}

function hold(port: PublishedPort, address: string): PortHolder {
  if (port.hostPort === 0) throw fault("unsupported", "a host port that the kernel chooses is not supported yet: name one");
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
