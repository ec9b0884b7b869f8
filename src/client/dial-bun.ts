import type { Socket } from "bun";
import { BrokenReplyError, UnreachableError } from "./client-error.ts";
import type { RawStream, StreamEvents } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";

/** A plain socket of Bun's. @throws UnreachableError */
export async function dialBun(endpoint: Exclude<Endpoint, { kind: "command" }>, events: StreamEvents): Promise<RawStream> {
  const stream = new BunStream();
  const end = (): void => {
    stream.broken();
    events.end();
  };
  const socket = {
    data: (_: unknown, chunk: Uint8Array) => events.data(chunk),
    end: () => events.end(),
    close: end,
    error: (_: unknown, error: Error) => events.error(error),
    drain: () => stream.drained(),
  };
  try {
    stream.socket =
      endpoint.kind === "unix"
        ? await Bun.connect({ unix: endpoint.path, allowHalfOpen: true, socket })
        : await Bun.connect({ hostname: endpoint.hostname, port: endpoint.port, allowHalfOpen: true, socket });
  } catch (error) {
    throw UnreachableError.of(endpoint.address, error);
  }
  return stream;
}

class BunStream implements RawStream {
  socket: Socket | undefined;
  #waiter: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const written = this.socket?.write(rest) ?? -1;
      if (written < 0) throw new BrokenReplyError("the connection to the daemon is closed");
      rest = rest.subarray(written);
      if (rest.length > 0) await new Promise<void>((resolve, reject) => (this.#waiter = { resolve, reject }));
    }
  }

  drained(): void {
    this.#waiter?.resolve();
    this.#waiter = undefined;
  }

  broken(): void {
    this.#waiter?.reject(new BrokenReplyError("the connection to the daemon is closed"));
    this.#waiter = undefined;
  }

  endWrite(): void {
    this.socket?.shutdown();
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  hold(alive: boolean): void {
    if (alive) this.socket?.ref();
    else this.socket?.unref();
  }

  terminate(): void {
    this.socket?.terminate();
  }
}
