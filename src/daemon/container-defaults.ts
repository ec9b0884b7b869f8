import type { UserMapping } from "#base";
import type { ContainerDefaults, MachineFacts, SeccompProfile } from "#container";
import type { DaemonOptions } from "./options/daemon-options.ts";

/** What the daemon's start has found out by the options. */
interface Read {
  readonly runtime: string;
  readonly seccompProfile: SeccompProfile | undefined;
  readonly owners: UserMapping | undefined;
}

/** What the options say about containers that ask for nothing; `runtime` is what is there where they name none. */
export function containerDefaults(
  options: DaemonOptions,
  machine: MachineFacts,
  { runtime, seccompProfile, owners }: Read,
): ContainerDefaults {
  const {
    ulimits,
    cgroupNamespace = machine.cgroupVersion === 2 ? "private" : "host",
    seccompFile: _file,
    pidsLimit = usualPidsLimit(machine),
    remap: _said,
    ...rest
  } = options.containers;
  return {
    ...rest,
    cgroupNamespace,
    pidsLimit,
    ...(seccompProfile !== undefined && { seccompProfile }),
    ...(owners !== undefined && { owners }),
    ulimits: ulimits.map(({ Name: name, Soft: soft, Hard: hard }) => ({ name, soft, hard })),
    runtime: options.defaultRuntime ?? runtime,
  };
}

/** More than any honest container has, and few enough that several that go wild leave room (row F11). */
function usualPidsLimit({ mostThreads }: MachineFacts): number {
  return Math.min(16_384, Math.floor((mostThreads ?? Infinity) / 2));
}
