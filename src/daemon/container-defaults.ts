import type { ContainerDefaults, MachineFacts } from "#container";
import type { DaemonOptions } from "./options/daemon-options.ts";

/** What the options say about containers that ask for nothing; `runtime` is what is there where they name none. */
export function containerDefaults(options: DaemonOptions, machine: MachineFacts, runtime: string): ContainerDefaults {
  const { ulimits, cgroupNamespace = machine.cgroupVersion === 2 ? "private" : "host", ...rest } = options.containers;
  return {
    ...rest,
    cgroupNamespace,
    ulimits: ulimits.map(({ Name: name, Soft: soft, Hard: hard }) => ({ name, soft, hard })),
    runtime: options.defaultRuntime ?? runtime,
  };
}
