// --use-api-socket: a container that may call the daemon, as whom the caller is to registries.
import { posix } from "node:path";
import { tarEnd, tarHeader, tarPadding } from "#image";
import type { Invocation } from "./command.ts";
import type { ContainerConfig } from "./container-config.ts";
import type { ConfigFile } from "./config-file.ts";
import { encodeLogin } from "./login/file-store.ts";
import { openCredentialStore } from "./login/open-store.ts";

/** Where programs of Docker's look for its socket, and where the container finds the logins. */
const socketInside = "/var/run/docker.sock";
const configInside = "/run/secrets/docker/config.json";

/** What becomes of a request, and what is to be done when there is a container. */
export interface OfferedSocket {
  readonly config: ContainerConfig;
  bringLogins(id: string): Promise<void>;
}

/** @throws Error in Docker's words when a store of credentials cannot say */
export async function offerApiSocket({ client, config: settings }: Invocation, config: ContainerConfig): Promise<OfferedSocket> {
  const { address } = client.transport.endpoint;
  // The daemon of another machine has a path of its own, which nobody tells.
  const source = address.startsWith("unix://") ? address.slice("unix://".length) : socketInside;
  const { HostConfig } = config;
  const mounts = Array.isArray(HostConfig["Mounts"]) ? (HostConfig["Mounts"] as readonly unknown[]) : [];
  const env = Array.isArray(config["Env"]) ? (config["Env"] as readonly string[]) : [];
  // Whoever names a folder of settings has logins of their own there.
  const logins = env.some((entry) => entry.startsWith("DOCKER_CONFIG=")) ? {} : await loginsOf(settings);
  const hasLogins = Object.keys(logins).length > 0;
  return {
    config: {
      ...config,
      Env: hasLogins ? [...env, `DOCKER_CONFIG=${posix.dirname(configInside)}`] : env,
      HostConfig: { ...HostConfig, Mounts: [...mounts, { Type: "bind", Source: source, Target: socketInside }] },
    },
    bringLogins: async (id) => {
      if (hasLogins) await client.containers.writePath(id, "/", archiveOf(JSON.stringify({ auths: logins })));
    },
  };
}

async function loginsOf(config: ConfigFile): Promise<Readonly<Record<string, unknown>>> {
  const keys = new Set([...Object.keys(config.objects("auths")), ...Object.keys(config.texts("credHelpers"))]);
  const logins: Record<string, unknown> = {};
  for (const key of keys) {
    const entry = encodeLogin(await openCredentialStore(config, key, process.env).get(key));
    if (Object.keys(entry).length > 0) logins[key] = entry;
  }
  return logins;
}

async function* archiveOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  yield tarHeader({ type: "file", name: configInside.slice(1), mode: 0o600, size: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
  yield tarEnd();
}
