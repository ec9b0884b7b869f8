import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import { fault } from "#base";
import { decode, parseJson, type Document, type Schema } from "#wire";
import { checkJsonType } from "./media-type.ts";
import { readBody, streamBody, type BodySource } from "./request-body.ts";
import { Takeover } from "./takeover.ts";

/** Largest JSON body that is read: above it, 413 comes before a byte is parsed. */
const jsonLimit = 4 << 20;

/** Bytes of a body that are read behind its reply, so that clients that write first come to read it. */
const mostDropped = 64 << 20;

interface Parts {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** Absent where the client asked for an upgrade: then the socket is all there is, and it closes with the reply. */
  readonly response?: ServerResponse;
  /** What came behind the head of an upgrade request: the body first, then the stream. */
  readonly rest?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request and its one reply. */
export class Exchange {
  readonly #parts: Parts;
  readonly #body: BodySource;
  readonly #gone = new AbortController();
  #begun = false;
  /** What came behind the request in its packet, which the parser could not read as another one. */
  #behind: Uint8Array = new Uint8Array();

  constructor(parts: Parts) {
    this.#parts = parts;
    const { headers } = parts.request;
    const length = headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? "0") : "chunked";
    this.#body = parts.response === undefined ? { socket: parts.socket, rest: parts.rest ?? new Uint8Array(), length } : parts.request;
    (parts.response ?? parts.socket).once("close", () => this.#gone.abort());
  }

  /** Aborts when the client went away, or the reply is over. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Keeps bytes for the stream that this exchange becomes. */
  hold(bytes: Uint8Array): void {
    this.#behind = Buffer.concat([this.#behind, bytes]);
  }

  /** True when the status is spent. */
  get begun(): boolean {
    return this.#begun;
  }

  /** True when a body is announced. */
  get hasBody(): boolean {
    const { headers } = this.#parts.request;
    return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? "0") > 0;
  }

  /** How long the body is, announced or not. Reads it where that cannot be known otherwise. */
  async bodyLength(): Promise<number> {
    const { headers } = this.#parts.request;
    if (headers["transfer-encoding"] === undefined) return Number(headers["content-length"] ?? "0");
    return (await readBody(this.#body, jsonLimit)).length;
  }

  /** The body as it comes, for archives. */
  bodyStream(): ReadableStream<Uint8Array> {
    return streamBody(this.#parts.request);
  }

  /**
   * Reads a JSON body; an empty one is undefined.
   * @throws invalid, in Docker's words; TooLarge above 4 MiB
   */
  async json<Value>(schema: Schema<Value>, root = ""): Promise<Document<Value> | undefined> {
    if (!this.hasBody) return undefined;
    checkJsonType(this.#parts.request.headers["content-type"]);
    const bytes = await readBody(this.#body, jsonLimit);
    if (bytes.length === 0) return undefined;
    return decode(schema, parseJson(new TextDecoder().decode(bytes)), root);
  }

  reply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, { "Content-Type": "application/json", ...headers }, `${JSON.stringify(value)}\n`);
  }

  /** A JSON reply that is encoded already. */
  replyBytes(status: number, json: Uint8Array): void {
    this.#send(status, { "Content-Type": "application/json" }, json);
  }

  /** A reply without a body. */
  done(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, headers, "");
  }

  text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, { "Content-Type": "text/plain; charset=utf-8", ...headers }, body);
  }

  /** Begins a reply of unknown length; its head goes out at once. Docker names no type for some streams. */
  begin(contentType?: string, more: Readonly<Record<string, string>> = {}): Writable {
    this.#begun = true;
    const { response, socket } = this.#parts;
    const headers = { ...this.#parts.headers, ...(contentType !== undefined && { "Content-Type": contentType }), ...more };
    if (response === undefined) {
      socket.write(head("200 OK", { ...headers, Connection: "close" }));
      return socket;
    }
    response.writeHead(200, headers);
    response.flushHeaders();
    return response;
  }

  /** Takes the connection out of HTTP: from here on it carries bytes both ways, as Docker's attach and exec do. */
  async takeOver(mediaType: string, headers: Readonly<Record<string, string>> = {}): Promise<Takeover> {
    const { request, socket } = this.#parts;
    const body = this.#body;
    if ("rest" in body) {
      await readBody(body, jsonLimit);
      this.#begun = true;
      const taken = new Takeover(socket, body.rest);
      taken.write(head("101 UPGRADED", { "Content-Type": mediaType, Connection: "Upgrade", Upgrade: "tcp", ...headers }));
      return taken;
    }
    if (!request.complete) await readBody(request, jsonLimit);
    this.#begun = true;
    // The HTTP parser lets go of the connection; that it closed is still told to the request.
    for (const event of ["data", "end", "drain", "timeout", "readable"]) socket.removeAllListeners(event);
    const taken = new Takeover(socket, this.#behind);
    taken.write(head("200 OK", { "Content-Type": "application/vnd.docker.raw-stream", ...headers }));
    return taken;
  }

  /** What the client said in a header. */
  header(name: string): string {
    const value = this.#parts.request.headers[name];
    return typeof value === "string" ? value : "";
  }

  /** Leaves HTTP for another protocol, with this answer to the request for it. @throws invalid where the client asked for none */
  switchTo(headers: Readonly<Record<string, string>>): Takeover {
    const body = this.#body;
    if (!("rest" in body)) throw fault("invalid", "the request asks for no upgrade");
    this.#begun = true;
    const taken = new Takeover(this.#parts.socket, body.rest);
    taken.write(head("101 Switching Protocols", headers));
    return taken;
  }

  /** Docker's reply to a failed attach: a bare status line and the sentence, then the end. */
  refuseTakeOver(status: string, message: string): void {
    this.#begun = true;
    const { socket } = this.#parts;
    socket.end(`${head(status, { "Content-Type": "application/vnd.docker.raw-stream" })}${message}\r\n`);
  }

  /** Ends a reply that cannot be finished: the client must not take it for whole. */
  cut(): void {
    this.#parts.socket.destroy();
  }

  #send(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): void {
    if (this.#begun) throw fault("internal", "a reply was sent twice");
    this.#begun = true;
    const { response, socket } = this.#parts;
    const bodyless = status === 204 || status === 304;
    const length = bodyless ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const close = this.#behind.length === 0 ? {} : { Connection: "close" };
    const all = { ...this.#parts.headers, ...headers, ...length, ...close };
    if (response === undefined) {
      socket.write(head(`${status} ${STATUS_CODES[status] ?? ""}`, { ...all, Connection: "close" }));
      socket.end(body);
      return;
    }
    response.writeHead(status, all);
    if (bodyless) response.end();
    else response.end(body);
    this.#dropRest();
  }

  /** A body that nobody reads would keep the connection from its next request. One that does not end is cut: its client has its reply. */
  #dropRest(): void {
    const { request, socket } = this.#parts;
    if (!request.complete) {
      let dropped = 0;
      request.on("data", (bytes: Uint8Array) => {
        dropped += bytes.length;
        if (dropped > mostDropped) socket.destroy();
      });
    }
    request.resume();
  }
}

function head(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`;
}
