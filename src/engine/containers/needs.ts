import { type Logger, messageOf } from "#base";
import type {
  BindSources,
  Container,
  ContainerDefaults,
  ContainerFiles,
  ContainerImage,
  DeviceSpecs,
  HostDevices,
  MachineFacts,
  Meter,
  ProcessLister,
  RootfsStore,
  Runtime,
} from "#container";
import type { Announcer } from "#event";
import type { Image, LayerStore, Platform } from "#image";
import type { LogReader } from "#log";
import type { Fabric } from "#network";
import type { Composition } from "../images/compose.ts";
import type { HealthChecks } from "../health/health-checks.ts";
import type { LostRows } from "../system/lost-rows.ts";
import type { LiveContainers } from "./live.ts";
import type { Networks } from "../networks/networks.ts";
import type { Restarts } from "./restarts.ts";
import type { Roster } from "./roster.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { VolumeCatalog } from "../volumes/catalog.ts";

/** Everything that verbs of containers may need; each takes the few it names. */
export interface ContainerNeeds {
  readonly roster: Roster;
  readonly live: LiveContainers;
  readonly restarts: Restarts;
  readonly health: HealthChecks;
  readonly sandboxes: Sandboxes;
  readonly networks: Networks;
  readonly runtime: Runtime;
  readonly meter: Meter;
  readonly processLister: ProcessLister;
  readonly rootfs: RootfsStore;
  readonly files: ContainerFiles;
  readonly layers: Pick<LayerStore, "list">;
  readonly bindSources: BindSources;
  readonly volumes: VolumeCatalog;
  readonly hostDevices: HostDevices;
  readonly deviceSpecs: DeviceSpecs;
  readonly fabric: Fabric;
  readonly logReader: LogReader;
  readonly announcer: Announcer;
  readonly machine: MachineFacts;
  readonly cgroupParent: string;
  readonly lost: Pick<LostRows, "any">;
  readonly logger: Logger;
  /** As they are now: a daemon that reads its configuration anew may change them. */
  readonly defaults: () => ContainerDefaults;
  /** @throws not-found "No such image: x" */
  resolveImage(reference: string, platform?: Platform): ContainerImage;
  composeImage(composition: Composition, signal: AbortSignal): Promise<Image>;
}

/** The log that the monitor appends to. */
export function logPathOf({ rootfs }: Pick<ContainerNeeds, "rootfs">, id: string): string {
  return `${rootfs.folder(id)}/log`;
}

/** True where a container's output is kept. */
export function hasLog({ spec }: Container): boolean {
  return spec.host.log?.driver !== "none";
}

/** What becomes of a volatile row that could not be written: the next start finds the truth in the kernel instead. */
export function unwritten({ logger }: Pick<ContainerNeeds, "logger">, id: string): (error: unknown) => void {
  return (error) => logger.error("state was not written", { container: id, error: messageOf(error) });
}
