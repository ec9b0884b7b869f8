import { BrokenReplyError, daemonError, type DaemonError, UnreachableError } from "./client-error.ts";
import { Connection } from "./connection.ts";
import type { Endpoint } from "./endpoint.ts";
import { readBody, readHead, type ReplyHead, sendRequest } from "./http-exchange.ts";

/** The newest API version that this client speaks; an older daemon lowers it at the first request. */
export const newestApiVersion = "1.51";

export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface ApiRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Without version, e.g. "/containers/json"; path segments are already encoded. */
  readonly path: string;
  /** Undefined and false are left away, true is "1". */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: AsyncIterable<Uint8Array>;
  /** Ends the exchange and its connection. */
  readonly signal?: AbortSignal;
}

/** A reply whose body is read at most once. */
export interface ApiReply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncGenerator<Uint8Array, void>;
  text(): Promise<string>;
}

/** A connection taken over from HTTP (attach, exec): raw bytes both ways. */
export interface HijackedStream {
  /** True when output comes in stream frames. */
  readonly multiplexed: boolean;
  readonly connection: Connection;
  readonly output: AsyncGenerator<Uint8Array, void>;
}

/** What calls need of a transport. */
export interface Requests {
  /** @throws DaemonError for a status of 400 and above, UnreachableError, BrokenReplyError */
  request(request: ApiRequest): Promise<ApiReply>;
  /** Sends the request with an upgrade and hands the connection over. @throws as `request` */
  hijack(request: ApiRequest): Promise<HijackedStream>;
}

export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly userAgent: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pins the API version. */
  readonly version?: string;
  /** Asked once when nothing listens at the endpoint; true when it is worth another try. */
  readonly onUnreachable?: (error: UnreachableError) => Promise<boolean>;
}

/** A request that was answered, with the body still to come. */
interface Exchange {
  readonly connection: Connection;
  readonly head: ReplyHead;
  /** From here on the request's signal ends nothing any more. */
  readonly settle: () => void;
}

/** Sends requests to one daemon, one after the other over kept connections, at the version that both speak. */
export class Transport implements Requests {
  readonly endpoint: Endpoint;
  readonly #headers: Readonly<Record<string, string>>;
  #version: string;
  readonly #pinned: boolean;
  #onUnreachable: TransportOptions["onUnreachable"];
  #idle: Connection[] = [];

  constructor(options: TransportOptions) {
    this.#onUnreachable = options.onUnreachable;
    this.endpoint = options.endpoint;
    this.#version = options.version ?? newestApiVersion;
    this.#pinned = options.version !== undefined;
    this.#headers = { ...options.headers, Host: hostOf(options.endpoint), "User-Agent": options.userAgent };
  }

  /** The version in use; final after the first reply. */
  get version(): string {
    return this.#version;
  }

  /** The same transport for calls that all end with the signal. */
  endingWith(signal: AbortSignal): Requests {
    return {
      request: (request) => this.request({ signal, ...request }),
      hijack: (request) => this.hijack({ signal, ...request }),
    };
  }

  async request(request: ApiRequest): Promise<ApiReply> {
    if (request.body !== undefined) await this.#settleVersion();
    for (;;) {
      const exchange = await this.#exchange(request, {});
      const { head } = exchange;
      const reply = this.#replyOf(exchange, request);
      if (head.status < 400) return reply;
      const error = await errorOf(reply, request.path);
      if (!this.#lowered(error)) throw error;
    }
  }

  async hijack(request: ApiRequest): Promise<HijackedStream> {
    for (;;) {
      const exchange = await this.#exchange(request, { Connection: "Upgrade", Upgrade: "tcp" });
      const { connection, head } = exchange;
      if (head.status === 101 || head.status === 200) {
        const multiplexed = (head.headers.get("content-type") ?? "").includes("multiplexed-stream");
        return {
          multiplexed,
          connection,
          output: abortable(rest(connection), { request, whole: exchange.settle, broken: exchange.settle }),
        };
      }
      const error = await errorOf(this.#replyOf(exchange, request), request.path);
      if (!this.#lowered(error)) throw error;
    }
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  async #exchange(request: ApiRequest, upgrade: Readonly<Record<string, string>>): Promise<Exchange> {
    request.signal?.throwIfAborted();
    const kept = this.#takeIdle();
    const connection = kept ?? (await this.#open(request));
    const abort = (): void => connection.close();
    const settle = (): void => request.signal?.removeEventListener("abort", abort);
    request.signal?.addEventListener("abort", abort, { once: true });
    try {
      request.signal?.throwIfAborted(); // while the connection was made
      const body = request.json === undefined ? request.body : new TextEncoder().encode(JSON.stringify(request.json));
      const type = request.json === undefined ? {} : { "Content-Type": "application/json" };
      const headers = { ...this.#headers, ...type, ...request.headers, ...upgrade };
      await sendRequest(connection, { method: request.method, target: this.#target(request), headers }, body);
      return { connection, head: await readHead(connection), settle };
    } catch (error) {
      settle();
      connection.close();
      request.signal?.throwIfAborted();
      // A daemon may close a kept connection just as the next request leaves; a stream of ours cannot be sent twice.
      if (kept !== undefined && error instanceof BrokenReplyError && request.body === undefined)
        return await this.#exchange(request, upgrade);
      throw this.#unanswered(request, error);
    }
  }

  async #open(request: ApiRequest): Promise<Connection> {
    try {
      return await openUnless(request.signal, this.endpoint);
    } catch (error) {
      const ask = this.#onUnreachable;
      this.#onUnreachable = undefined;
      if (ask === undefined || !(error instanceof UnreachableError) || !(await ask(error))) throw this.#unanswered(request, error);
      return await Connection.open(this.endpoint);
    }
  }

  /** What to throw for a request that failed before its answer began: the failure with the request beside it, as Docker's client words it. */
  #unanswered(request: ApiRequest, error: unknown): unknown {
    const words = error instanceof UnreachableError ? error.reason : error instanceof BrokenReplyError ? error.message : undefined;
    if (words === undefined) return error;
    const url = `${baseUrl(this.endpoint)}${this.#target(request)}`;
    const method = request.method.charAt(0) + request.method.slice(1).toLowerCase();
    const message = `error during connect: ${method} ${JSON.stringify(url)}: ${words}`;
    return error instanceof UnreachableError
      ? new UnreachableError(error.address, error.code, { cause: error, reason: words, message })
      : new BrokenReplyError(message, { cause: error });
  }

  #target(request: ApiRequest): string {
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value === undefined || value === false) continue;
      for (const item of Array.isArray(value) ? value : [value]) pairs.append(name, item === true ? "1" : String(item));
    }
    const query = pairs.toString();
    return `/v${this.#version}${request.path}${query === "" ? "" : `?${query}`}`;
  }

  #replyOf({ connection, head, settle }: Exchange, request: ApiRequest): ApiReply {
    const whole = (): void => {
      settle();
      if (head.headers.get("connection")?.toLowerCase() === "close" || !connection.open) return connection.close();
      connection.hold(false);
      this.#idle.push(connection);
    };
    const broken = (): void => {
      settle();
      connection.close();
    };
    const body = abortable(readBody(connection, request.method, head), { request, whole, broken });
    return { status: head.status, headers: head.headers, body, text: () => textOf(body) };
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.open) {
        connection.hold(true);
        return connection;
      }
      connection.close();
    }
    return undefined;
  }

  async #settleVersion(): Promise<void> {
    await (await this.request({ method: "GET", path: "/_ping" })).text();
  }

  /** True when the daemon named an older version and the request is worth another try. */
  #lowered(error: DaemonError): boolean {
    const match = /client version \S+ is too new\. Maximum supported API version is (\d+\.\d+)/.exec(error.message);
    if (this.#pinned || match?.[1] === undefined || match[1] === this.#version) return false;
    this.#version = match[1];
    return true;
  }
}

/** The Host header that Docker's client sends. */
function hostOf(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return "api.moby.localhost";
  return endpoint.kind === "tcp" ? endpoint.address.slice("tcp://".length) : "docker.example.com";
}

/** How Docker's client names the daemon in its errors. */
function baseUrl(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `http://${encodeURIComponent(endpoint.path)}`;
  return `${endpoint.kind === "tcp" && endpoint.tls !== undefined ? "https" : "http"}://${hostOf(endpoint)}`;
}

/** A connection, unless the signal is given first; one that comes too late is closed. */
async function openUnless(signal: AbortSignal | undefined, endpoint: Endpoint): Promise<Connection> {
  const opening = Connection.open(endpoint);
  if (signal === undefined) return await opening;
  let abort: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    abort = () => resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    const connection = await Promise.race([opening, aborted]);
    if (connection !== undefined) return connection;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  opening.then(
    (late) => late.close(),
    () => undefined,
  );
  signal.throwIfAborted();
  return await opening;
}

async function* rest(connection: Connection): AsyncGenerator<Uint8Array, void> {
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) yield chunk;
}

/** The chunks, and then one of the two ends. What breaks or ends because of the request's signal throws the signal's reason. */
async function* abortable(
  chunks: AsyncIterable<Uint8Array>,
  then: { readonly request: ApiRequest; readonly whole: () => void; readonly broken: () => void },
): AsyncGenerator<Uint8Array, void> {
  let whole = false;
  try {
    yield* chunks;
    then.request.signal?.throwIfAborted();
    whole = true;
  } catch (error) {
    then.request.signal?.throwIfAborted();
    throw error;
  } finally {
    if (whole) then.whole();
    else then.broken();
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

async function errorOf(reply: ApiReply, path: string): Promise<DaemonError> {
  const text = await reply.text();
  return daemonError(reply.status, messageIn(text) ?? (text.trim() || `request to ${path} returned status ${reply.status}`));
}

function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "message" in body && typeof body.message === "string") return body.message;
  } catch {
    return undefined; // an error page of something between us and the daemon: its text is the message
  }
  return undefined;
}
