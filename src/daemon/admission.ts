import type { Server, Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import { hasCode, silence } from "#linux";

/**
 * Keeps clients from taking the descriptors that containers need: when half of them are connections, who comes next waits at the door
 * until one of those goes. A crowd that was let in at once beyond five eighths is sent away.
 */
export class Admission {
  readonly #most: number;
  readonly #tooMany: number;
  readonly #servers = new Set<Server>();
  readonly #guests = new Set<Socket>();
  #closed: readonly Disposable[] | undefined;

  /** `descriptors`: how many the process may have. */
  constructor(descriptors: number) {
    this.#most = Math.max(1, Math.floor(descriptors / 2));
    this.#tooMany = Math.floor((descriptors * 5) / 8);
  }

  /** Counts who comes through a server that listens. */
  watch(server: Server): void {
    this.#servers.add(server);
    server.prependListener(server instanceof TlsServer ? "secureConnection" : "connection", (socket: Socket) => this.#enter(socket));
  }

  #enter(socket: Socket): void {
    if (this.#guests.size >= this.#tooMany) {
      socket.destroy();
      return;
    }
    this.#guests.add(socket);
    socket.once("close", () => {
      this.#guests.delete(socket);
      if (this.#guests.size < this.#most) this.#open();
    });
    if (this.#guests.size >= this.#most) this.#close();
  }

  #close(): void {
    this.#closed ??= [...this.#servers].flatMap((server) => silence(descriptorOf(server)) ?? []);
  }

  #open(): void {
    const closed = this.#closed ?? [];
    this.#closed = undefined;
    for (const door of closed) {
      try {
        door[Symbol.dispose]();
      } catch (error) {
        // A server that has closed meanwhile listens no more.
        if (!hasCode(error, "EBADF", "ENOENT")) throw error;
      }
    }
  }
}

/** Bun keeps the descriptor where Node does; its types do not say so. */
function descriptorOf(server: Server): number {
  return (server as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}
