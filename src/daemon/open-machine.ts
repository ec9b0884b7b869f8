import { mkdir } from "node:fs/promises";
import { fault, type Logger, type Place, type UserMapping } from "#base";
import type { MachineFacts, SeccompProfile } from "#container";
import { freeBridgeCidr, openFabric, type OwnedFabric } from "#fabric";
import { Kernel } from "#linux";
import { chooseRuntime, openAppArmor, type OpenedRuntime, readMachineFacts } from "#runtime";
import { claimCgroupParent } from "./cgroup-parent.ts";
import type { DaemonOptions } from "./options/daemon-options.ts";
import { ownCgroup, placeOf } from "./place.ts";
import { readSeccompFile } from "./seccomp-file.ts";
import { openStores, type Stores } from "./stores.ts";
import { readUserMapping } from "./user-mapping.ts";

/** What the engine stands on: the adapters that hold something of this machine. */
interface Machine {
  /** Workers of their own for paths that callers name: dead ones must never hold up the engine's own calls. */
  readonly foreign: Kernel;
  readonly place: Place;
  readonly stores: Stores;
  readonly fabric: OwnedFabric;
  readonly chosen: OpenedRuntime;
  readonly seccompProfile: SeccompProfile | undefined;
  /** Who the users of containers are; absent: the host's. */
  readonly owners: UserMapping | undefined;
  readonly machine: MachineFacts;
  /** What whoever runs the daemon should know. */
  readonly warnings: readonly string[];
}

/** Who hears of what is odd, what must be closed, and what containers must not reach. */
export interface MachineParts {
  readonly logger: Logger;
  readonly held: AsyncDisposableStack;
  readonly closedPorts: readonly number[];
}

/** Makes the folders and opens stores, network and runtimes on them. What must be closed is held. */
export async function openMachine(options: DaemonOptions, { logger, held, closedPorts }: MachineParts): Promise<Machine> {
  const { seccompFile, remap } = options.containers;
  const owners = readUserMapping(remap);
  const seccompProfile = seccompFile === undefined ? undefined : readSeccompFile(seccompFile);
  const kernel = held.use(new Kernel());
  const foreign = held.use(new Kernel({ lanes: 1, maxLanes: 16 }));
  const { bridge, bip, pools, dns, dnsSearch, dnsOptions, ...network } = options.network;
  const place = placeOf(options, bip ?? (bridge === "none" ? "" : await freeBridgeCidr(kernel, bridge, pools)));
  await mkdir(place.dataRoot, { recursive: true, mode: 0o710 });
  await mkdir(place.runRoot, { recursive: true, mode: 0o711 });
  claimCgroupParent(place, ownCgroup(options));
  const [stores, fabric, chosen, { appArmor, warning }] = await Promise.all([
    openStores(place, { kernel, foreign, logger, layerDriver: options.images.layerDriver, held }),
    openFabric({
      place,
      kernel,
      closedPorts,
      settings: { ...network, resolver: { servers: dns, search: dnsSearch, options: dnsOptions } },
    }),
    chooseRuntime({
      runRoot: place.runRoot,
      cgroupParent: place.cgroupParent,
      kernel,
      ...(options.defaultRuntime === "crun" || options.defaultRuntime === "runc" ? { preferred: options.defaultRuntime } : {}),
    }),
    openAppArmor(),
  ]);
  held.use(fabric);
  useRuntimes(options, chosen);
  const machine = { ...readMachineFacts(), ...(appArmor !== undefined && { appArmor }) };
  const warnings = [...chosen.warnings, ...(warning === undefined ? [] : [warning])];
  for (const each of warnings) logger.warn(each);
  return { foreign, place, stores, fabric, chosen, seccompProfile, owners, machine, warnings };
}

/** Takes the runtimes that the options name. @throws invalid for one that is not root's alone, or a default that is none; nothing is changed then */
export function useRuntimes({ defaultRuntime, runtimes }: DaemonOptions, { names }: OpenedRuntime): void {
  const known = ["crun", "runc", ...Object.keys(runtimes)];
  if (defaultRuntime !== undefined && !known.includes(defaultRuntime))
    throw fault("invalid", `specified default runtime '${defaultRuntime}' does not exist`);
  names.register(runtimes);
}

/** The runtime of a container that names none: the one that was asked for where it is there. */
export function usualRuntime({ defaultRuntime }: DaemonOptions, { names, runtime }: OpenedRuntime): string {
  return defaultRuntime !== undefined && Object.hasOwn(names.list(), defaultRuntime) ? defaultRuntime : runtime.name;
}
