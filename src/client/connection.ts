import { BrokenReplyError } from "./client-error.ts";
import { dial, type RawStream } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";

/** Bytes that may wait unread before the stream is paused. */
const highWater = 1 << 20;

interface Reader {
  readonly resolve: (value: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** One byte stream to the daemon, with half-close. One reader and one writer at a time. */
export class Connection {
  #stream: RawStream | undefined;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #paused = false;
  #ended = false;
  #error: Error | undefined;
  #reader: Reader | undefined;

  /** @throws UnreachableError */
  static async open(endpoint: Endpoint): Promise<Connection> {
    const connection = new Connection();
    connection.#stream = await dial(endpoint, {
      data: (chunk) => connection.#push(chunk),
      end: () => connection.#finish(),
      error: (error) => connection.#fail(error),
    });
    return connection;
  }

  /** Resolves when the host has taken all bytes. @throws BrokenReplyError when the peer is gone */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    await this.#stream?.write(bytes);
  }

  /** Half-close: no more bytes from us, the peer may go on. */
  endWrite(): void {
    this.#stream?.endWrite();
  }

  /** The next bytes, undefined at the end of the stream. */
  read(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.length;
      if (this.#paused && this.#buffered < highWater / 2) {
        this.#paused = false;
        this.#stream?.resume();
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

  /** Whether the connection keeps the process alive; one that waits for its next request should not. */
  hold(alive: boolean): void {
    this.#stream?.hold(alive);
  }

  close(): void {
    this.#stream?.terminate();
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
      this.#stream?.pause();
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
  }

  #fail(error: Error): void {
    this.#error ??=
      error instanceof BrokenReplyError
        ? error
        : new BrokenReplyError(`the connection to the daemon broke: ${error.message}`, { cause: error });
    this.#reader?.reject(this.#error);
    this.#reader = undefined;
  }
}
