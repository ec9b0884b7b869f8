// One byte stream to the daemon over Bun's own sockets: node:net and node:http would add 4 to 7 ms to the start of every command.
import type { Socket } from "bun";
import { BrokenReplyError, UnreachableError } from "./client-error.ts";
import type { Endpoint } from "./endpoint.ts";

/** Bytes that may wait unread before the socket is paused. */
const highWater = 1 << 20;

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** A duplex stream with half-close. One reader and one writer at a time. */
export class Connection {
  #socket: Socket | undefined;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #paused = false;
  #ended = false;
  #error: Error | undefined;
  #reader: Waiter<Uint8Array | undefined> | undefined;
  #drain: Waiter<void> | undefined;

  /** @throws UnreachableError */
  static async open(endpoint: Endpoint): Promise<Connection> {
    const connection = new Connection();
    const socket = {
      data: (_: unknown, chunk: Uint8Array) => connection.#push(chunk),
      end: () => connection.#finish(),
      close: () => connection.#finish(),
      error: (_: unknown, error: Error) => connection.#fail(error),
      drain: () => connection.#drained(),
    };
    try {
      connection.#socket =
        endpoint.kind === "unix"
          ? await Bun.connect({ unix: endpoint.path, allowHalfOpen: true, socket })
          : await Bun.connect({ hostname: endpoint.hostname, port: endpoint.port, allowHalfOpen: true, socket });
    } catch (error) {
      throw new UnreachableError(endpoint.address, codeOf(error), error);
    }
    return connection;
  }

  /** Resolves when the kernel has taken all bytes. @throws BrokenReplyError when the peer is gone */
  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#error !== undefined) throw this.#error;
      const written = this.#socket?.write(rest) ?? -1;
      if (written < 0) throw new BrokenReplyError("the connection to the daemon is closed");
      rest = rest.subarray(written);
      if (rest.length > 0) await new Promise<void>((resolve, reject) => (this.#drain = { resolve, reject }));
    }
  }

  /** Half-close: no more bytes from us, the peer may go on. */
  endWrite(): void {
    this.#socket?.shutdown();
  }

  /** The next bytes, undefined at the end of the stream. */
  read(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.length;
      if (this.#paused && this.#buffered < highWater / 2) {
        this.#paused = false;
        this.#socket?.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  /** Gives back bytes that were read too far. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.unshift(bytes);
    this.#buffered += bytes.length;
  }

  /** False once the peer has closed its side. */
  get open(): boolean {
    return !this.#ended && this.#error === undefined;
  }

  close(): void {
    this.#socket?.terminate();
    this.#finish();
  }

  #push(chunk: Uint8Array): void {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered > highWater && !this.#paused) {
      this.#paused = true;
      this.#socket?.pause();
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
    this.#drain?.reject(new BrokenReplyError("the connection to the daemon is closed"));
    this.#drain = undefined;
  }

  #fail(error: Error): void {
    this.#error = new BrokenReplyError(`the connection to the daemon broke: ${error.message}`, { cause: error });
    this.#reader?.reject(this.#error);
    this.#reader = undefined;
    this.#drain?.reject(this.#error);
    this.#drain = undefined;
  }

  #drained(): void {
    this.#drain?.resolve();
    this.#drain = undefined;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "ECONNREFUSED";
}
