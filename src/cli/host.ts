import { messageOf } from "#base";
import { DockerClient, type Endpoint, parseEndpoint, type UnreachableError } from "#client";
import type { FlagValues } from "./flag.ts";
import { ExitError } from "./usage-error.ts";

/** Where our daemon listens unless it was told otherwise. */
export const defaultSocket = "/run/gantry/gantry.sock";

type Environment = Readonly<Record<string, string | undefined>>;

/** The daemon that this call is about: -H, else DOCKER_HOST, else ours. `chosen` when the user named it. @throws ExitError */
export function chooseHost(flags: FlagValues, env: Environment): { readonly endpoint: Endpoint; readonly chosen: boolean } {
  const hosts = flags.list("host");
  if (hosts.length > 1) throw new ExitError(1, "Specify only one -H");
  const named = hosts[0] ?? env["DOCKER_HOST"];
  if ((env["DOCKER_TLS_VERIFY"] ?? "") !== "" || (env["DOCKER_TLS"] ?? "") !== "") {
    throw new ExitError(1, "gantry does not have TLS to the daemon yet: unset DOCKER_TLS_VERIFY and DOCKER_TLS");
  }
  if (named === undefined || named === "") return { endpoint: parseEndpoint(`unix://${defaultSocket}`), chosen: false };
  try {
    return { endpoint: parseEndpoint(named), chosen: true };
  } catch (error) {
    throw new ExitError(1, `Failed to initialize: unable to resolve docker endpoint: ${messageOf(error)}`, { cause: error });
  }
}

/** A client for this call. As root, and with our own socket, a daemon that is not there is started. */
export function connectClient(
  host: { readonly endpoint: Endpoint; readonly chosen: boolean },
  options: { readonly env: Environment; readonly autostart: boolean; readonly userAgent: string },
): DockerClient {
  const { env, autostart, userAgent } = options;
  const version = env["DOCKER_API_VERSION"];
  const mayStart = autostart && !host.chosen && process.getuid?.() === 0;
  return new DockerClient({
    endpoint: host.endpoint,
    userAgent,
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
