import { connect, type Socket } from "node:net";
import { BrokenReplyError, UnreachableError } from "./client-error.ts";
import type { RawStream, StreamEvents } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";

/** A plain socket of node:net. @throws UnreachableError */
export async function dialNode(endpoint: Exclude<Endpoint, { kind: "command" }>, events: StreamEvents): Promise<RawStream> {
  const where = endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.hostname, port: endpoint.port };
  const socket = connect({ ...where, allowHalfOpen: true });
  const stream = new NodeStream(socket, events);
  try {
    await settled(socket, "connect");
  } catch (error) {
    throw UnreachableError.of(endpoint.address, error);
  }
  return stream;
}

/** Resolves at the event, rejects with what the socket fails of before it. */
export async function settled(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve).once("error", reject);
    socket.once("close", () => reject(new BrokenReplyError("EOF")));
  });
}

/** A socket of node:net or node:tls as a raw stream. `explain` puts what it fails of into Docker's words. */
export class NodeStream implements RawStream {
  readonly #socket: Socket;
  #failure: Error | undefined;

  constructor(socket: Socket, events: StreamEvents, explain: (error: Error) => Error = (error) => error) {
    this.#socket = socket;
    socket.on("data", events.data).on("end", events.end).on("close", events.end);
    socket.on("error", (error) => {
      this.#failure = explain(error);
      events.error(this.#failure);
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) throw this.#failure ?? closed();
    await new Promise<void>((resolve, reject) => {
      // A socket that is destroyed does not call back everywhere.
      const gone = (): void => reject(this.#failure ?? closed());
      socket.once("close", gone);
      socket.write(bytes, (error) => {
        socket.off("close", gone);
        if (error === null || error === undefined) resolve();
        else reject(this.#failure ?? closed(error));
      });
    });
  }

  endWrite(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  hold(alive: boolean): void {
    if (alive) this.#socket.ref();
    else this.#socket.unref();
  }

  terminate(): void {
    this.#socket.destroy();
  }
}

function closed(cause?: Error): BrokenReplyError {
  return new BrokenReplyError("the connection to the daemon is closed", { cause });
}
