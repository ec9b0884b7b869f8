// The composition root: builds the adapters on one place, hands them to the verbs, takes back what an earlier daemon left, serves.
import { readdirSync } from "node:fs";
import { type Identity, serveDocker, spokenRelease } from "#api";
import { type Logger, messageOf, product } from "#base";
import {
  type AuditEntry,
  bindVerbs,
  type ChangingFacts,
  type ContainerNeeds,
  type ContainerRow,
  EventHub,
  guardVerbs,
  HealthChecks,
  type ImageRow,
  LiveContainers,
  LogKeeper,
  type LostRow,
  lostRowName,
  LostRows,
  type NetworkRow,
  Networks,
  openImages,
  Restarts,
  resumeContainers,
  Roster,
  Sandboxes,
  type SandboxRow,
  type Verbs,
  VolumeCatalog,
  type VolumeRow,
} from "#engine";
import { limitWarnings, type MachineFacts } from "#container";
import type { Platform } from "#image";
import type { Fabric } from "#network";
import { FileLogReader, FileLogRotation } from "#logs";
import { gzipLibrary } from "#linux";
import { HttpRegistry } from "#registry";
import { DeviceSpecFolders, HostProcessLister, type OpenedRuntime } from "#runtime";
import { HostBindSources, HostDeviceNodes } from "#store";
import { auditTo } from "./daemon/audit.ts";
import { containerDefaults } from "./daemon/container-defaults.ts";
import { describeDaemon } from "./daemon/describe-daemon.ts";
import { readFixedFacts } from "./daemon/facts.ts";
import { LineLogger } from "./daemon/line-logger.ts";
import { planDoors, portsClosedToContainers } from "./daemon/doors.ts";
import { openDoors } from "./daemon/listeners.ts";
import { EngineMetrics } from "./daemon/metrics/engine-metrics.ts";
import { portOf, serveMetrics } from "./daemon/metrics/serve-metrics.ts";
import type { DaemonOptions } from "./daemon/options/daemon-options.ts";
import { type FlagSettings, readFlags } from "./daemon/options/flags.ts";
import { type Configuration, readConfiguration } from "./daemon/options/read-options.ts";
import { type MachineParts, openMachine, usualRuntime, useRuntimes } from "./daemon/open-machine.ts";
import { enterOwnCgroup, lowerOomScore } from "./daemon/own-cgroup.ts";
import { takePidFile } from "./daemon/pid-file.ts";
import { ownCgroup } from "./daemon/place.ts";
import { releaseLayers, usedImages } from "./daemon/release-layers.ts";
import { CurrentOptions, type ReloadNeeds } from "./daemon/reload.ts";
import { identity, type Stores } from "./daemon/stores.ts";
import { tellSupervisor } from "./daemon/supervisor.ts";

/** Runs until SIGTERM or SIGINT; containers run on. Ends the process: 0 after a signal, 1 when the start fails, with the reason. */
export async function runDaemon(args: readonly string[]): Promise<never> {
  process.title = "gantryd";
  const flags = flagsOrExit(args);
  try {
    if (flags.help || flags.version || flags.validate) process.exit(await describeDaemon(flags));
    const configuration = readConfiguration(flags);
    using _held = takePidFile(configuration.options.pidFile);
    await serve(configuration);
  } catch (error) {
    process.stderr.write(`failed to start daemon: ${messageOf(error)}\n`);
    process.exit(1);
  }
  process.exit(0);
}

/** A command line that is wrong ends as dockerd's does: 125, and where to read on. */
function flagsOrExit(args: readonly string[]): FlagSettings {
  try {
    return readFlags(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\nSee 'gantryd --help'.\n`);
    return process.exit(125);
  }
}

async function serve(configuration: Configuration): Promise<void> {
  const { options } = configuration;
  const logger = new LineLogger(options);
  const current = new CurrentOptions(options);
  const ended = nextEnd();
  const notify = tellSupervisor(process.env, logger);
  const doors = await planDoors(options, process.env);
  await using held = new AsyncDisposableStack();
  const { metricsAddress } = options;
  const closedPorts = [...portsClosedToContainers(doors), ...(metricsAddress === undefined ? [] : [portOf(metricsAddress)])];
  const { verbs, containers, events, reloading } = await open(current, { logger, held, closedPorts });
  process.on("SIGHUP", () => {
    notify("RELOADING");
    current.reload({ configuration, logger, ...reloading });
    notify("READY");
  });
  const metrics = new EngineMetrics();
  const log = auditTo(logger);
  const audit = (entry: AuditEntry): void => {
    log(entry);
    metrics.observe(entry);
  };
  const spoken = identityOf(options);
  const server = held.use(serveDocker({ verbsFor: (caller) => guardVerbs(verbs, caller, { audit }), identity: spoken, logger }));
  const hosts = await openDoors(doors, {
    server,
    logger,
    held,
    group: options.group,
    bridge: options.network.bridge,
    names: options.apiNames,
  });
  if (metricsAddress !== undefined) {
    const sources = {
      info: () => verbs.system.info(),
      countEvents: () => events.announced,
      health: containers.health,
      version: spoken.dockerVersion,
      commit: spoken.commit,
    };
    held.use(await serveMetrics({ address: metricsAddress, bridge: options.network.bridge, logger, text: () => metrics.text(sources) }));
  }
  logger.info("API listens", { hosts: hosts.join(" "), version: product.version });
  logger.debug("layers in gzip are inflated", { by: gzipLibrary() });
  notify("READY");
  await Promise.all([enterOwnCgroup(ownCgroup(options), logger), lowerOomScore(options.oomScore, logger)]);
  logger.info("daemon ends, containers run on", { signal: await ended });
  notify("STOPPING");
  server[Symbol.dispose]();
  await containers.live.release();
}

/** Resolves with the name of the first signal that asks for the end; a second one ends at once. */
function nextEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(1));
      });
    }
    // A terminal that closes is no reason to end; until the engine stands there is nothing to read anew either.
    process.on("SIGHUP", () => undefined);
    process.on("SIGPIPE", () => undefined);
  });
}

interface Remembered {
  readonly roster: Roster;
  readonly sandboxes: Sandboxes;
  readonly networks: Networks;
  readonly volumes: VolumeCatalog;
  readonly lost: LostRows;
}

interface OpenedEngine {
  readonly verbs: Verbs;
  readonly containers: Pick<ContainerNeeds, "live" | "health">;
  readonly events: EventHub;
  /** Who must hear of a reload, and what its event tells. */
  readonly reloading: Pick<ReloadNeeds, "announcer" | "id" | "defaults" | "apply">;
}

async function open(current: CurrentOptions, parts: MachineParts): Promise<OpenedEngine> {
  const options = current.now;
  const { logger, held } = parts;
  const { foreign, place, stores, fabric, chosen, seccompProfile, owners, machine, warnings } = await openMachine(options, parts);
  const { database, layers } = stores;
  const events = new EventHub(stores.journal);
  const known = await remembered(stores, { fabric, announcer: events, logger });
  const { roster, networks, lost } = known;
  const registry = new HttpRegistry(options.images);
  const images = await openImages({
    ...stores,
    lost,
    table: database.table<ImageRow>("images"),
    registry,
    downloads: registry,
    announcer: events,
    platform: platformOf(machine),
    ...imageLimits(current),
    users: () => roster.users().flatMap(usedImages),
  });
  const containers: ContainerNeeds = {
    ...heldInMemory(),
    runtime: chosen.runtime,
    meter: chosen.meter,
    ...stores,
    ...known,
    bindSources: new HostBindSources(foreign),
    hostDevices: new HostDeviceNodes(foreign),
    deviceSpecs: new DeviceSpecFolders(foreign, options.cdiSpecDirs),
    fabric,
    announcer: events,
    machine,
    cgroupParent: place.cgroupParent,
    logger,
    defaults: () => containerDefaults(current.now, machine, { runtime: usualRuntime(current.now, chosen), seccompProfile, owners }),
    resolveImage: (reference, platform) => images.resolveForCreate(reference, platform),
    composeImage: (composition, signal) => images.compose(composition, signal),
  };
  held.defer(async () => await releaseLayers({ layers, roster, logger }));
  // Before what runs in them is taken back.
  await networks.open({ fabric, logger, mtu: usualMtu });
  await resumeContainers(containers);
  await images.sweep();
  held.use(new LogKeeper({ ...containers, logs: new FileLogRotation() }).run(logTick));
  const facts = readFixedFacts({
    id: await identity(database),
    options,
    place,
    machine,
    layers,
    hasUserSpace: owners !== undefined,
    warnings: [...warnings, ...limitWarnings(machine)],
  });
  return {
    verbs: bindVerbs({
      containers,
      images,
      database,
      lost,
      networkDefaults: { pools: options.network.pools, mtu: usualMtu },
      registry,
      events,
      facts,
      settings: () => changingFacts(current.now, chosen),
      countDescriptors,
    }),
    containers,
    events,
    reloading: { announcer: events, id: facts.id, defaults: containers.defaults, apply: (next) => configure(next, { chosen, registry }) },
  };
}

function configure(
  next: DaemonOptions,
  { chosen, registry }: { readonly chosen: Parameters<typeof useRuntimes>[1]; readonly registry: HttpRegistry },
): void {
  useRuntimes(next, chosen);
  registry.configure(next.images);
}

/** Docker's defaults where 0 was said. */
function imageLimits(
  current: CurrentOptions,
): Pick<Parameters<typeof openImages>[0], "parallelDownloads" | "parallelUploads" | "layerBlobBudget"> {
  return {
    parallelDownloads: () => current.now.images.maxDownloads || 3,
    parallelUploads: () => current.now.images.maxUploads || 5,
    layerBlobBudget: () => current.now.images.layerBlobBudget,
  };
}

/** What knows nothing of an earlier daemon. */
function heldInMemory(): Pick<ContainerNeeds, "live" | "restarts" | "health" | "processLister" | "logReader"> {
  return {
    live: new LiveContainers(),
    restarts: new Restarts(),
    health: new HealthChecks(),
    processLister: new HostProcessLister(),
    logReader: new FileLogReader(),
  };
}

/** What an earlier daemon wrote down. */
async function remembered(
  stores: Stores,
  needs: { readonly fabric: Fabric; readonly announcer: EventHub; readonly logger: Logger },
): Promise<Remembered> {
  const { database } = stores;
  const { announcer, logger } = needs;
  const { bridge } = needs.fabric;
  const roster = new Roster(database.table<ContainerRow>("containers"));
  const sandboxes = new Sandboxes(database.table<SandboxRow>("sandboxes"));
  const networks = new Networks(database.table<NetworkRow>("networks"));
  const volumes = new VolumeCatalog({ table: database.table<VolumeRow>("volumes"), store: stores.volumes, roster, announcer });
  const lost = new LostRows(database.table<LostRow>("lost_row"));
  await Promise.all([lost.load(), roster.load(), sandboxes.load(), networks.load({ bridge: bridge !== undefined })]);
  await volumes.load();
  for (const row of lost.all())
    logger.error("row of the state database was lost", { row: lostRowName(row), reason: row.reason, file: row.file });
  return { roster, sandboxes, networks, volumes, lost };
}

function platformOf({ architecture }: MachineFacts): Platform {
  return { os: "linux", architecture: architecture === "x64" ? "amd64" : "arm64" };
}

function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

function changingFacts(options: DaemonOptions, chosen: OpenedRuntime): ChangingFacts {
  return {
    debug: options.debug,
    labels: options.labels,
    insecureRegistries: options.images.insecureRegistries,
    mirrors: options.images.mirrors,
    runtimes: chosen.names.list(),
    defaultRuntime: usualRuntime(options, chosen),
  };
}

/** Bytes of a packet in networks that say nothing of it, as Docker has it; the daemon's own setting is the default bridge's. */
const usualMtu = 1500;

/** Milliseconds between two looks at logs that grow. */
const logTick = 1000;

function identityOf({ minApiVersion, experimental }: DaemonOptions): Identity {
  return { ...product, ...spokenRelease, ...(minApiVersion !== undefined && { minApiVersion }), experimental };
}
