import type { UserMapping } from "#base";
import type { SeccompProfile } from "./seccomp-profile.ts";
import type { ContainerSpec, LogSpec, Ulimit } from "./spec.ts";

/** What a container gets that asks for nothing else: the daemon's settings. */
export interface ContainerDefaults {
  readonly ulimits: readonly Ulimit[];
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
  readonly ipcMode: "private" | "shareable";
  readonly cgroupNamespace: "host" | "private";
  /** How many processes a container may have, but for privileged ones; 0 is any number. */
  readonly pidsLimit: number;
  /** Seconds between the stop signal and the kill. */
  readonly stopTimeout: number;
  readonly isSeccompOff: boolean;
  /** In place of the built-in one, for every start while this daemon lives. */
  readonly seccompProfile?: SeccompProfile;
  /** Containers have a user namespace with these numbers, at every start while this daemon lives, unless they ask for the host's. */
  readonly owners?: UserMapping;
  readonly noNewPrivileges: boolean;
  readonly init: boolean;
  /** The program of `init`; absent is looked for. */
  readonly initPath?: string;
  /** What "host-gateway" stands for; the default bridge's gateway where there are none. */
  readonly hostGateways: readonly string[];
  readonly log: LogSpec;
  /** A name that the runtime adapter knows. */
  readonly runtime: string;
}

/**
 * The spec with every default written into it: a container is what it was when it was made, whatever the daemon is told later. Only the
 * time to stop is left open, as Docker leaves it.
 */
export function withDefaults(spec: ContainerSpec, defaults: ContainerDefaults): ContainerSpec {
  const { host } = spec;
  const named = new Set(host.ulimits.map(({ name }) => name));
  return {
    ...spec,
    host: {
      ...host,
      ulimits: [...host.ulimits, ...defaults.ulimits.filter(({ name }) => !named.has(name))],
      ...(!host.privileged && { usualPidsLimit: host.usualPidsLimit ?? defaults.pidsLimit }),
      shmSize: host.shmSize ?? defaults.shmSize,
      ipcMode: host.ipcMode ?? defaults.ipcMode,
      cgroupNamespace: host.cgroupNamespace ?? (host.privileged ? "host" : defaults.cgroupNamespace),
      ...((host.init ?? defaults.init) && { init: true }),
      noNewPrivileges: host.noNewPrivileges ?? defaults.noNewPrivileges,
      isSeccompOff: defaults.isSeccompOff,
      log: logOf(host.log, defaults.log),
      runtime: host.runtime ?? defaults.runtime,
    },
  };
}

/** Options are the default driver's: whoever names another one gets none of them. */
function logOf(asked: LogSpec | undefined, fallback: LogSpec): LogSpec {
  if (asked === undefined) return fallback;
  return asked.driver === "" || asked.driver === fallback.driver
    ? { driver: fallback.driver, options: { ...fallback.options, ...asked.options } }
    : asked;
}
