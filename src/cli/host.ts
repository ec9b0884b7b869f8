// Which daemon a call is about, as Docker's client decides it: --context, -H, DOCKER_HOST, DOCKER_CONTEXT, currentContext, else ours.
import { messageOf } from "#base";
import { DockerClient, type Endpoint, parseEndpoint, type TlsSettings, type UnreachableError } from "#client";
import type { ConfigFile } from "./config-file.ts";
import { ContextStore, defaultContext } from "./context/store.ts";
import { customHeaders } from "./custom-headers.ts";
import type { FlagValues } from "./flag.ts";
import { chosenTls, storedTls } from "./tls-settings.ts";
import { ExitError } from "./usage-error.ts";

/** Where our daemon listens unless it was told otherwise. */
export const defaultSocket = "/run/gantry/gantry.sock";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Host {
  readonly endpoint: Endpoint;
  /** The user named it. */
  readonly chosen: boolean;
}

/** The name of the context in use. @throws ExitError for flags that contradict each other */
export function chooseContext(flags: FlagValues, env: Environment, config: ConfigFile): string {
  const named = flags.text("context");
  const hosts = flags.list("host");
  if (named !== "" && hosts.length > 0) throw new ExitError(1, "conflicting options: cannot specify both --host and --context");
  if (named !== "") return named;
  if (hosts.length > 0 || (env["DOCKER_HOST"] ?? "") !== "") return defaultContext;
  return env["DOCKER_CONTEXT"] || config.text("currentContext") || defaultContext;
}

/** The daemon of a context. @throws ExitError in Docker's words */
export function resolveHost(context: string, flags: FlagValues, env: Environment, config: ConfigFile): Host {
  let named = "";
  try {
    const wanted = context === defaultContext ? wantedHost(flags, env) : storedHost(new ContextStore(config.folder), context);
    named = wanted.host;
    const { tls } = wanted;
    return { endpoint: parseEndpoint(withDefaults(named, tls !== undefined), tls === undefined ? {} : { tls }), chosen: named !== "" };
  } catch (error) {
    const step = named.startsWith("ssh://") ? "" : "unable to resolve docker endpoint: ";
    throw new ExitError(1, `Failed to initialize: ${step}${messageOf(error)}`, { cause: error });
  }
}

interface WantedHost {
  /** Empty where nobody named one. */
  readonly host: string;
  readonly tls: TlsSettings | undefined;
}

function wantedHost(flags: FlagValues, env: Environment): WantedHost {
  const hosts = flags.list("host");
  if (hosts.length > 1) throw new Error("Specify only one -H");
  return { host: (hosts[0] ?? env["DOCKER_HOST"] ?? "").trim(), tls: chosenTls(flags, env) };
}

function storedHost(store: ContextStore, name: string): WantedHost {
  const { Host = "", SkipTLSVerify = false } = store.read(name).Endpoints["docker"] ?? {};
  return { host: Host, tls: storedTls(store.tlsFiles(name), SkipTLSVerify) };
}

/** A scheme alone, or nothing at all, is the usual place; with TLS that is a port. */
function withDefaults(host: string, tls: boolean): string {
  if (host === "unix://" || (host === "" && !tls)) return `unix://${defaultSocket}`;
  return host === "" || host === "tcp://" ? "tcp://localhost" : host;
}

/** A client for this call. As root, and with our own socket, a daemon that is not there is started. */
export function connectClient(
  host: Host,
  options: { readonly env: Environment; readonly config: ConfigFile; readonly autostart: boolean; readonly userAgent: string },
): DockerClient {
  const { env, config, autostart, userAgent } = options;
  const version = env["DOCKER_API_VERSION"];
  const mayStart = autostart && !host.chosen && process.getuid?.() === 0;
  return new DockerClient({
    endpoint: host.endpoint,
    userAgent,
    headers: customHeaders(env["DOCKER_CUSTOM_HEADERS"] ?? "") ?? config.texts("HttpHeaders"),
    ...(version !== undefined && version !== "" && { version }),
    ...(mayStart && { onUnreachable: startDaemon }),
  });
}

async function startDaemon(error: UnreachableError): Promise<boolean> {
  if (error.code !== "ENOENT" && error.code !== "ECONNREFUSED") return false;
  const { autostartDaemon } = await import("./autostart.ts");
  await autostartDaemon();
  return true;
}
