import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { EngineError, fault, messageOf, type LogFields } from "#base";
import type { Caller, Verbs } from "#engine";
import { isBelow, newestVersion, oldestVersion, parseApiVersion, refusalOf, routes, statusOfFault, type RouteName } from "#wire";
import type { Call, Handlers } from "./call.ts";
import { Exchange } from "./exchange.ts";
import { identityHeaders, type Identity } from "./identity.ts";
import { readQuery } from "./query.ts";
import { locate, type Asked } from "./locate.ts";
import { TooLarge } from "./request-body.ts";
import { SlowHeads } from "./slow-heads.ts";
import { refusalOfVisitor, type Doorplate } from "./visitor.ts";
import { commitRoutes } from "./routes/commit.ts";
import { containerRoutes } from "./routes/containers.ts";
import { fileRoutes } from "./routes/files.ts";
import { execRoutes } from "./routes/exec.ts";
import { registryRoutes } from "./routes/registries.ts";
import { imageArchiveRoutes } from "./routes/image-archives.ts";
import { imageRoutes } from "./routes/images.ts";
import { networkRoutes } from "./routes/networks.ts";
import { processRoutes } from "./routes/processes.ts";
import { updateRoutes } from "./routes/update.ts";
import { pruneRoutes } from "./routes/prune.ts";
import { webSocketRoutes } from "./routes/attach-web-socket.ts";
import { streamRoutes } from "./routes/streams.ts";
import { checkRoutes } from "./routes/check.ts";
import { volumeContentRoutes } from "./routes/volume-contents.ts";
import { systemRoutes } from "./routes/system.ts";
import { usageRoutes } from "./routes/usage.ts";
import { volumeRoutes } from "./routes/volumes.ts";

/** Where failures go that are ours, not the client's. */
export interface ServerLogger {
  error(message: string, fields?: LogFields): void;
}

export interface ServerOptions {
  /** Asked once a connection. */
  readonly verbsFor: (caller: Caller) => Verbs;
  readonly identity: Identity;
  readonly logger: ServerLogger;
  /** Milliseconds for the head of a request; most of a minute. */
  readonly headLimit?: number;
}

/** Docker's REST API on connections that others accept. Disposing cuts every one of them. */
export interface DockerServer extends Disposable {
  /** Serves a connection for `caller`; it must allow half-open. `names` are what it is called by, beside localhost and addresses. */
  accept(socket: Socket, caller: Caller, names?: readonly string[]): void;
}

const handlers: Handlers = {
  ...systemRoutes,
  ...checkRoutes,
  ...volumeContentRoutes,
  ...imageRoutes,
  ...networkRoutes,
  ...imageArchiveRoutes,
  ...registryRoutes,
  ...commitRoutes,
  ...containerRoutes,
  ...processRoutes,
  ...updateRoutes,
  ...streamRoutes,
  ...fileRoutes,
  ...webSocketRoutes,
  ...execRoutes,
  ...pruneRoutes,
  ...usageRoutes,
  ...volumeRoutes,
};

const notExperimental =
  "This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.";

const notInSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** Builds the server. Bun ignores the descriptor that an HTTP server is told to listen on, so it only takes connections. */
export function serveDocker(options: ServerOptions): DockerServer {
  const connections = new Map<Socket, Connection>();
  const slow = new SlowHeads(options.headLimit);
  const http = createHttp(options, connections, slow);
  return {
    accept(socket, caller, names = []) {
      const local = caller.kind === "peer" || caller.kind === "in-process";
      connections.set(socket, { verbs: options.verbsFor(caller), plate: { local, names } });
      slow.watch(socket);
      socket.once("close", () => {
        connections.delete(socket);
        slow.forget(socket);
      });
      http.emit("connection", socket);
    },
    [Symbol.dispose]() {
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}

/** What was settled once, when the connection was accepted. */
interface Connection {
  readonly verbs: Verbs;
  readonly plate: Doorplate;
}

/** Bytes of a request's head, as Go reads them: filters stand in it. */
const longestHead = 1 << 20;

function createHttp(options: ServerOptions, connections: ReadonlyMap<Socket, Connection>, slow: SlowHeads): Server {
  // Bun keeps no time for the head of a connection that others accepted.
  const http = createServer({ requestTimeout: 0, keepAliveTimeout: 0, headersTimeout: 0, maxHeaderSize: longestHead });
  const headers = identityHeaders(options.identity);
  http.on("request", (request: IncomingMessage, response: ServerResponse) => {
    slow.asked(request, response);
    void serve(request, { request, response, socket: request.socket, headers });
  });
  http.on("upgrade", (request: IncomingMessage, socket: Socket, rest: Uint8Array) => {
    slow.asked(request, socket);
    socket.pause();
    socket.on("error", () => socket.destroy());
    void serve(request, { request, socket, rest, headers });
  });
  // Exchanges that become streams: their input may stand right behind the request, and is no request then.
  const becoming = new WeakMap<Socket, Exchange>();
  http.on("clientError", (error: Error & { readonly rawPacket?: Buffer; readonly bytesParsed?: number }, socket: Socket) => {
    const exchange = becoming.get(socket);
    if (exchange !== undefined && error.rawPacket !== undefined) {
      if (exchange.begun) socket.end();
      else exchange.hold(error.rawPacket.subarray(error.bytesParsed ?? 0));
      return;
    }
    if (socket.writable && socket.bytesWritten === 0)
      socket.end("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request");
    else socket.destroy();
  });
  return http;

  async function serve(request: IncomingMessage, parts: ConstructorParameters<typeof Exchange>[0]): Promise<void> {
    const connection = connections.get(parts.socket);
    if (connection === undefined) return; // gone already
    const unwelcome = refusalOfVisitor(request.headers, connection.plate);
    if (unwelcome !== undefined) {
      new Exchange({ ...parts, headers: {} }).reply(403, { message: unwelcome }, { Connection: "close" });
      return;
    }
    const asked = locate(request);
    const exchange = new Exchange({ ...parts, headers: asked.kind === "found" ? parts.headers : {} });
    if (asked.kind === "found" && parts.response !== undefined && becomesStream(asked)) becoming.set(parts.socket, exchange);
    else becoming.delete(parts.socket);
    try {
      if (asked.kind === "found") await answer(asked, exchange, { verbs: connection.verbs, identity: options.identity });
      else refuse(asked, exchange);
    } catch (error) {
      // Without its query, which may hold what is meant for us alone.
      fail(error, exchange, options.logger, `${request.method} ${request.url?.split("?", 1)[0]}`);
    }
  }
}

function refuse(asked: Exclude<Asked, { kind: "found" }>, exchange: Exchange): void {
  if (asked.kind === "malformed") exchange.text(asked.status, asked.reason, { Connection: "close" });
  else if (asked.kind === "unknown") exchange.reply(404, { message: "page not found" });
  else exchange.done(301, { Location: `${encodeURI(asked.location)}${asked.search.size === 0 ? "" : `?${asked.search.toString()}`}` });
}

type Found = Extract<Asked, { kind: "found" }>;

function becomesStream({ target }: Found): boolean {
  return target.kind === "route" && (target.name === "containerAttach" || target.name === "execStart");
}

async function answer(asked: Found, exchange: Exchange, parts: Pick<Call, "verbs" | "identity">): Promise<void> {
  const { target, version = newestVersion } = asked;
  const refusal = refusalOf(version, parseApiVersion(parts.identity.minApiVersion));
  if (refusal !== undefined) {
    // The oldest clients do not read JSON errors.
    if (isBelow(version, oldestVersion)) exchange.text(400, `${refusal}\n`, { "X-Content-Type-Options": "nosniff" });
    else exchange.reply(400, { message: refusal });
    return;
  }
  switch (target.kind) {
    case "options":
      exchange.done(200);
      return;
    case "swarm":
      throw fault("unavailable", target.route === "POST /swarm/leave" ? "This node is not part of a swarm" : notInSwarm);
    case "experimental":
      throw fault("unsupported", parts.identity.experimental ? `${target.route} is not implemented` : notExperimental);
    case "absent":
      throw fault("unsupported", `${target.route} is not implemented`);
    case "route": {
      const query = readQuery(routes[target.name].query, asked.search);
      await run(target.name, { ...parts, params: target.params, query, version, exchange });
      return;
    }
    default:
      target satisfies never;
  }
}

/** The query was read by the contract of `name`, which is what the handler's type asks for. */
async function run(name: RouteName, call: Omit<Call, "query"> & { readonly query: unknown }): Promise<void> {
  const handler = handlers[name] as (call: unknown) => Promise<void> | void;
  await handler(call);
}

function fail(error: unknown, exchange: Exchange, logger: ServerLogger, what: string): void {
  if (exchange.begun) {
    if (!exchange.signal.aborted && !(error instanceof EngineError))
      logger.error("a reply broke off", { request: what, error: stackOf(error) });
    exchange.cut();
    return;
  }
  if (error instanceof TooLarge) {
    exchange.reply(413, { message: error.message });
    return;
  }
  if (!(error instanceof EngineError)) logger.error("a request failed", { request: what, error: stackOf(error) });
  const status = error instanceof EngineError ? statusOfFault[error.fault] : 500;
  if (status === 304) exchange.done(304);
  else exchange.reply(status, { message: messageOf(error) });
}

/** Where our own bugs happened. */
function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
