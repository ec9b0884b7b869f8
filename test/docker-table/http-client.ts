// Speaks HTTP/1.1 by hand, so that the table sees what an engine wrote and not what a client library made of it.
import { connect, type Socket } from "node:net";

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent when the head of the reply is there; then our side ends. */
  readonly input?: string;
  /** Cut the connection when the head of the reply is there, unless it is one of failure: that one ends. */
  readonly headOnly?: boolean;
}

export interface RawReply {
  readonly status: number;
  /** The status line behind the version. */
  readonly statusLine: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A request under way. */
export interface Asked {
  /** Resolves when the head of the reply is there, or the connection is over. */
  readonly head: Promise<undefined>;
  readonly reply: Promise<RawReply>;
}

/** Sends one request on a connection of its own. The reply rejects when it is not whole at the deadline. */
export function send(socketPath: string, asked: RawRequest, deadline = 15_000): Asked {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  const head = Promise.withResolvers<undefined>();
  const reply = new Promise<RawReply>((settle, reject) => {
    const pieces: Uint8Array[] = [];
    const late = setTimeout(() => socket.destroy(new Error(`${asked.method} ${asked.path}: no whole reply in ${deadline} ms`)), deadline);
    const finish = (): void => {
      clearTimeout(late);
      head.resolve(undefined);
      socket.destroy();
      try {
        settle(parseReply(Buffer.concat(pieces), asked.headOnly === true));
      } catch (error) {
        reject(error);
      }
    };
    socket.on("data", (piece: Uint8Array) => {
      const before = Buffer.concat(pieces);
      pieces.push(piece);
      if (before.includes("\r\n\r\n") || !Buffer.concat(pieces).includes("\r\n\r\n")) return;
      head.resolve(undefined);
      if (asked.input !== undefined) socket.end(asked.input);
      if (asked.headOnly === true && /^HTTP\/1\.1 [12]/.test(Buffer.concat(pieces).toString("latin1"))) finish();
    });
    socket.once("end", finish);
    socket.once("error", (error) => {
      // An engine that left a body unread may reset the connection behind its reply.
      if (Buffer.concat(pieces).includes("\r\n\r\n") && "code" in error && error.code === "ECONNRESET") {
        finish();
        return;
      }
      clearTimeout(late);
      head.resolve(undefined);
      reject(error);
    });
    socket.once("connect", () => write(socket, asked));
  });
  return { head: head.promise, reply };
}

function write(socket: Socket, { method, path, headers = {}, body }: RawRequest): void {
  const length = body === undefined && method !== "POST" && method !== "PUT" ? {} : { "Content-Length": Buffer.byteLength(body ?? "") };
  const all = { Host: "docker", Connection: "close", ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  // In one piece: an engine that refuses a body does not wait for it.
  socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), Buffer.from(body ?? "")]));
}

function parseReply(bytes: Buffer, headOnly: boolean): RawReply {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) throw new Error(`no head of a reply in ${JSON.stringify(bytes.toString())}`);
  const [first = "", ...lines] = bytes.subarray(0, end).toString().split("\r\n");
  const statusLine = first.slice(first.indexOf(" ") + 1);
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const rest = bytes.subarray(end + 4);
  const body = !headOnly && headers.get("transfer-encoding") === "chunked" ? joinChunks(rest) : rest;
  return { status: Number(statusLine.split(" ")[0]), statusLine, headers, body };
}

/** RFC 9112, 7.1, as far as engines use it; a last chunk that is missing is an error. */
function joinChunks(bytes: Buffer): Buffer {
  const chunks: Uint8Array[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line === -1) throw new Error("a chunked reply broke off");
    const size = Number.parseInt(bytes.subarray(at, line).toString(), 16);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
