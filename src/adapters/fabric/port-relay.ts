// Published ports of IPv6 for a container that has only IPv4. The kernel redirects connections to all of them to one listener, which says
// where each was going; the daemon carries the bytes. The container's monitor keeps the listener: who connects while no daemon lives waits.
import { connect, createServer, type Server, type Socket } from "node:net";
import { closeFd, openRelaySocket, originalDestination, relayPort } from "#linux";
import { everyAddress6, hostAddressOf, formatIpv6, type PublishedPort } from "#network";

/** Connections that one container's relay carries at once: each holds two of the daemon's descriptors. */
const mostConnections = 1024;

/** Where connections go, by what they were made to. */
export type RelayTarget = (address: string, port: number) => { readonly host: string; readonly port: number } | undefined;

export class PortRelay implements Disposable {
  /** The listener, for the monitor to keep. */
  readonly fd: number;
  /** The listener's own port, that the kernel redirects to. */
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  readonly #target: RelayTarget;
  #server: Server | undefined;

  private constructor(fd: number, target: RelayTarget) {
    this.fd = fd;
    this.port = relayPort(fd);
    this.#target = target;
  }

  /** With a listener of its own; undefined on a host without IPv6. */
  static open(target: RelayTarget): PortRelay | undefined {
    const fd = openRelaySocket();
    return fd === undefined ? undefined : new PortRelay(fd, target);
  }

  /** With the listener that a monitor kept. */
  static adopt(fd: number, target: RelayTarget): PortRelay {
    return new PortRelay(fd, target);
  }

  /** Carries connections from now on, those that waited first. */
  async serve(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#carry(socket));
    server.maxConnections = mostConnections;
    await new Promise<void>((settle, reject) => {
      server.once("error", reject);
      server.listen({ fd: this.fd }, settle);
    });
    server.unref();
    this.#server = server;
  }

  [Symbol.dispose](): void {
    if (this.#server === undefined) closeFd(this.fd);
    else this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(client: Socket): void {
    const { fd = -1 } = (client as unknown as { readonly _handle?: { readonly fd?: number } })._handle ?? {};
    const asked = originalDestination(fd);
    const target = asked && this.#target(formatIpv6(asked.address), asked.port);
    // Whoever found the listener's own port is nobody's guest.
    if (target === undefined) {
      client.destroy();
      return;
    }
    const server = connect({ ...target, allowHalfOpen: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        if (!from.readableEnded) to.destroy();
      });
      from.pipe(to);
    }
  }
}

/** The container's port behind a published one. */
export function relayTarget(ports: readonly PublishedPort[], address: string, port: number): PublishedPort | undefined {
  const offered = ports.filter(({ protocol, hostPort }) => protocol === "tcp" && hostPort === port);
  return offered.find((each) => hostAddressOf(each) === address) ?? offered.find((each) => hostAddressOf(each) === everyAddress6);
}
