import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/** The client's side of a conversation with a process. */
export interface Talk {
  /** Resolves when the connection is gone for both sides. */
  readonly closed: Promise<undefined>;
  /** Where the process's output goes. */
  readonly sink: Writable;
  /**
   * Hands on what the client sends, one piece after the other; reading waits while `take` does. Resolves with "end" when
   * the client has said all, "closed" when it is gone.
   */
  receive(take: (bytes: Uint8Array) => Promise<void>): Promise<"end" | "closed">;
  /** Reads and drops, so that the client's end is seen. */
  ignoreInput(): void;
  /** Ends our side, and the connection with it: nobody is left to listen. */
  end(): void;
}

/** A connection that left HTTP: bytes both ways, each with an end of its own. */
export class Takeover implements Talk {
  readonly #socket: Socket;
  #rest: Uint8Array;
  readonly #closed = Promise.withResolvers<undefined>();

  constructor(socket: Socket, rest: Uint8Array) {
    this.#socket = socket;
    this.#rest = rest;
    socket.pause();
    socket.setTimeout(0);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed.resolve(undefined));
    if (socket.destroyed) this.#closed.resolve(undefined);
  }

  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }

  get sink(): Socket {
    return this.#socket;
  }

  write(bytes: Uint8Array | string): boolean {
    return !this.#socket.destroyed && this.#socket.write(bytes);
  }

  receive(take: (bytes: Uint8Array) => Promise<void>): Promise<"end" | "closed"> {
    const socket = this.#socket;
    return new Promise((settle, reject) => {
      const pass = (bytes: Uint8Array): void => {
        socket.pause();
        take(bytes).then(() => socket.resume(), reject);
      };
      void this.closed.then(() => settle("closed"));
      socket.on("end", () => settle("end"));
      socket.on("data", pass);
      const rest = this.#rest;
      this.#rest = new Uint8Array();
      if (rest.length > 0) pass(rest);
      else socket.resume();
    });
  }

  ignoreInput(): void {
    this.#socket.on("data", () => undefined);
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
    this.#socket.on("data", () => undefined);
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
