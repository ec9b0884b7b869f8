import { dialBun } from "./dial-bun.ts";
import type { Endpoint } from "./endpoint.ts";

/** What a stream tells whoever opened it. */
export interface StreamEvents {
  readonly data: (chunk: Uint8Array) => void;
  /** The peer has closed its side, or the stream is gone; may come more than once. */
  readonly end: () => void;
  readonly error: (error: Error) => void;
}

/** An open stream of the host: a socket, TLS over one, or a program's stdio. Connection gives it a queue. */
export interface RawStream {
  /** Resolves when the host has taken all bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Half-close. */
  endWrite(): void;
  pause(): void;
  resume(): void;
  /** Whether the stream keeps the process alive. */
  hold(alive: boolean): void;
  terminate(): void;
}

/**
 * Opens a stream with what the host does best: Bun's own sockets for plain ones (node:net would add 4 to 7 ms to the start of every command),
 * node:net elsewhere; TLS and commands are loaded when they are asked for.
 * @throws UnreachableError
 */
export async function dial(endpoint: Endpoint, events: StreamEvents): Promise<RawStream> {
  if (endpoint.kind === "command") {
    const { dialCommand } = await import("./dial-command.ts");
    return await dialCommand(endpoint, events);
  }
  if (endpoint.kind === "tcp" && endpoint.tls !== undefined) {
    const { dialTls } = await import("./dial-tls.ts");
    return await dialTls({ ...endpoint, tls: endpoint.tls }, events);
  }
  if (typeof Bun === "undefined") {
    const { dialNode } = await import("./dial-node.ts");
    return await dialNode(endpoint, events);
  }
  return await dialBun(endpoint, events);
}
