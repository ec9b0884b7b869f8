import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerClient, type Endpoint, parseEndpoint, type TlsSettings } from "#client";
import { contextEndpoint, currentContext } from "./context.ts";
import { Engine } from "./engine.ts";

export interface ConnectOptions {
  /** As DOCKER_HOST takes it: unix://PATH, tcp://HOST:PORT, https://HOST:PORT or ssh://USER@HOST. */
  readonly host?: string;
  /** The name of a context of Docker's command line. */
  readonly context?: string;
  /** TLS for a tcp:// host; texts are PEM. */
  readonly tls?: Partial<TlsSettings>;
  /** Pins the API version; otherwise the newest that both sides speak is used. */
  readonly version?: string;
  readonly signal?: AbortSignal;
}

/** Sockets that are looked for when nothing names a daemon. */
const usualSockets = ["/run/gantry/gantry.sock", "/var/run/docker.sock"];

/**
 * Connects to the daemon that the options name, or else as the command line finds its own: DOCKER_HOST with DOCKER_TLS_VERIFY and
 * DOCKER_CERT_PATH, DOCKER_CONTEXT, the current context, Gantry's socket, Docker's.
 * @throws UnreachableError when nothing answers there
 */
export async function connect(options: ConnectOptions = {}): Promise<Engine> {
  const { version, signal } = options;
  const client = new DockerClient({
    endpoint: chooseEndpoint(options),
    userAgent: "gantry-library",
    ...(version !== undefined && { version }),
  });
  await client.endingWith(signal).system.version();
  return new Engine(client);
}

function chooseEndpoint({ host, context, tls }: ConnectOptions): Endpoint {
  const { env } = process;
  const wanted = tls === undefined ? {} : { tls: { verify: true, ...tls } };
  if (host !== undefined) return parseEndpoint(host, wanted);
  if (context !== undefined) return contextEndpoint(context) ?? usualEndpoint();
  if (env["DOCKER_HOST"]) return parseEndpoint(env["DOCKER_HOST"], tls === undefined ? tlsOfEnvironment() : wanted);
  return contextEndpoint(env["DOCKER_CONTEXT"] || currentContext()) ?? usualEndpoint();
}

function usualEndpoint(): Endpoint {
  return parseEndpoint(`unix://${usualSockets.find((path) => existsSync(path)) ?? usualSockets[0]}`);
}

function tlsOfEnvironment(): { readonly tls?: TlsSettings } {
  const { env } = process;
  const verify = Boolean(env["DOCKER_TLS_VERIFY"]);
  if (!verify && !env["DOCKER_TLS"]) return {};
  const folder = env["DOCKER_CERT_PATH"] || join(env["HOME"] || "/", ".docker");
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => readFileSync(join(folder, name), "utf8"));
  return { tls: { verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } };
}
