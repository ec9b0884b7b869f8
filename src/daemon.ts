// The composition root: builds the adapters on one place, hands them to the verbs, takes back what an earlier daemon left, serves.
import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { serveDocker, spokenRelease } from "#api";
import { type Logger, messageOf, newId, type Place, product } from "#base";
import {
  adoptContainers,
  bindVerbs,
  type ContainerNeeds,
  type ContainerRow,
  EventHub,
  guardVerbs,
  type ImageRow,
  LiveContainers,
  openImages,
  Roster,
  Sandboxes,
  type SandboxRow,
  type Verbs,
} from "#engine";
import { isLive } from "#container";
import { freeBridgeCidr, openFabric } from "#fabric";
import { Kernel } from "#linux";
import { FileLogReader } from "#logs";
import { HttpRegistry } from "#registry";
import { CgroupMeter, chooseRuntime, HostProcessLister, readMachineFacts } from "#runtime";
import {
  DirectoryArchiveSpool,
  DirectoryContentStore,
  DirectoryLayerStore,
  FileEventJournal,
  HostBindSources,
  OverlayRootfsStore,
  StateDatabase,
  StoreThreads,
  Trash,
} from "#store";
import { auditTo } from "./daemon/audit.ts";
import { describeDaemon } from "./daemon/describe-daemon.ts";
import { readFixedFacts } from "./daemon/facts.ts";
import { LineLogger } from "./daemon/line-logger.ts";
import { planDoors, portsClosedToContainers } from "./daemon/doors.ts";
import { openDoors } from "./daemon/listeners.ts";
import type { DaemonOptions } from "./daemon/options/daemon-options.ts";
import { readFlags } from "./daemon/options/flags.ts";
import { readConfiguration } from "./daemon/options/read-options.ts";
import { enterOwnCgroup, lowerOomScore } from "./daemon/own-cgroup.ts";
import { takePidFile } from "./daemon/pid-file.ts";
import { placeOf } from "./daemon/place.ts";
import { tellSupervisor } from "./daemon/supervisor.ts";

/** Runs until SIGTERM or SIGINT; containers run on. Ends the process: 0 after a signal, 1 when the start fails, with the reason. */
export async function runDaemon(args: readonly string[]): Promise<never> {
  process.title = "gantryd";
  try {
    const flags = readFlags(args);
    if (flags.help || flags.version || flags.validate) process.exit(describeDaemon(flags));
    const { options } = readConfiguration(flags);
    using _held = takePidFile(options.pidFile);
    await serve(options, new LineLogger(options));
  } catch (error) {
    process.stderr.write(`failed to start daemon: ${messageOf(error)}\n`);
    process.exit(1);
  }
  process.exit(0);
}

async function serve(options: DaemonOptions, logger: Logger): Promise<void> {
  const ended = nextEnd();
  const notify = tellSupervisor(process.env, logger);
  const doors = await planDoors(options, process.env);
  await using held = new AsyncDisposableStack();
  const { verbs, live } = await open(options, { logger, held, closedPorts: portsClosedToContainers(doors) });
  const audit = auditTo(logger);
  const server = held.use(
    serveDocker({ verbsFor: (caller) => guardVerbs(verbs, caller, { audit }), identity: { ...product, ...spokenRelease }, logger }),
  );
  const hosts = await openDoors(doors, {
    server,
    logger,
    held,
    group: options.group,
    bridge: options.network.bridge,
    names: options.apiNames,
  });
  logger.info("API listens", { hosts: hosts.join(" "), version: product.version });
  notify("READY");
  await Promise.all([enterOwnCgroup(placeOf(options, "").cgroupParent, logger), lowerOomScore(options.oomScore, logger)]);
  logger.info("daemon ends, containers run on", { signal: await ended });
  notify("STOPPING");
  server[Symbol.dispose]();
  await live.release();
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
    // A terminal that closes is no reason to end: containers and clients do not hang on it.
    process.on("SIGHUP", () => undefined);
    process.on("SIGPIPE", () => undefined);
  });
}

interface OpenedEngine {
  readonly verbs: Verbs;
  readonly live: LiveContainers;
}

interface OpenParts {
  readonly logger: Logger;
  readonly held: AsyncDisposableStack;
  readonly closedPorts: readonly number[];
}

async function open(options: DaemonOptions, { logger, held, closedPorts }: OpenParts): Promise<OpenedEngine> {
  const kernel = held.use(new Kernel());
  const { bridge, bip } = options.network;
  const place = placeOf(options, bip ?? (bridge === "none" ? "" : await freeBridgeCidr(kernel, bridge)));
  await mkdir(place.dataRoot, { recursive: true, mode: 0o710 });
  await mkdir(place.runRoot, { recursive: true, mode: 0o711 });
  const [stores, fabric, chosen] = await Promise.all([
    openStores(place, { kernel, logger, held }),
    openFabric({ place, kernel, closedPorts }),
    chooseRuntime({
      runRoot: place.runRoot,
      cgroupParent: place.cgroupParent,
      kernel,
      ...(options.defaultRuntime === "crun" || options.defaultRuntime === "runc" ? { preferred: options.defaultRuntime } : {}),
    }),
  ]);
  held.use(fabric);
  for (const warning of chosen.warnings) logger.warn(warning);
  const { database, layers, rootfs } = stores;
  const events = new EventHub(stores.journal);
  const roster = new Roster(database.table<ContainerRow>("containers"));
  const sandboxes = new Sandboxes(database.table<SandboxRow>("sandboxes"));
  const machine = readMachineFacts();
  const images = await openImages({
    ...stores,
    table: database.table<ImageRow>("images"),
    registry: new HttpRegistry({ insecureRegistries: options.images.insecureRegistries }),
    announcer: events,
    platform: { os: "linux", architecture: machine.architecture === "x64" ? "amd64" : "arm64" },
    users: () => roster.users().map(({ id, image, state }) => ({ containerId: id, image, running: isLive(state) })),
  });
  const containers: ContainerNeeds = {
    roster,
    live: new LiveContainers(),
    sandboxes,
    runtime: chosen.runtime,
    meter: new CgroupMeter(kernel, place.cgroupParent),
    processLister: new HostProcessLister(),
    rootfs,
    layers,
    // Workers of their own: callers name these paths, and dead ones must never hold up the engine's own calls.
    bindSources: new HostBindSources(held.use(new Kernel({ lanes: 1, maxLanes: 16 }))),
    fabric,
    logReader: new FileLogReader(),
    announcer: events,
    machine,
    cgroupParent: place.cgroupParent,
    logger,
    resolveImage: (reference, platform) => images.resolveForCreate(reference, platform),
  };
  await Promise.all([roster.load(), sandboxes.load()]);
  await adoptContainers(containers);
  await images.sweep();
  const facts = readFixedFacts({
    id: await identity(database),
    options,
    place,
    machine,
    layerDriver: layers.driver,
    runtime: chosen.runtime,
    runtimePath: chosen.path,
    warnings: chosen.warnings,
  });
  const countDescriptors = (): number => readdirSync("/proc/self/fd").length;
  return { verbs: bindVerbs({ containers, images: images.verbs, events, facts, countDescriptors }), live: containers.live };
}

interface StoreNeeds {
  readonly kernel: Kernel;
  readonly logger: Logger;
  readonly held: AsyncDisposableStack;
}

interface Stores {
  readonly database: StateDatabase;
  readonly content: DirectoryContentStore;
  readonly layers: DirectoryLayerStore;
  readonly spool: DirectoryArchiveSpool;
  readonly rootfs: OverlayRootfsStore;
  readonly journal: FileEventJournal;
}

async function openStores(place: Place, { kernel, logger, held }: StoreNeeds): Promise<Stores> {
  const { dataRoot, runRoot } = place;
  const trash = new Trash({ folder: `${dataRoot}/trash`, kernel });
  const threads = held.use(new StoreThreads());
  const [database, content, layers, journal] = await Promise.all([
    StateDatabase.open({ path: `${dataRoot}/state.db` }),
    DirectoryContentStore.open({ folder: `${dataRoot}/content`, trash, threads }),
    DirectoryLayerStore.open({ folder: `${dataRoot}/layers`, trash, threads }),
    FileEventJournal.open({ folder: dataRoot, logger }),
  ]);
  held.use(database);
  held.use(journal);
  const spool = await DirectoryArchiveSpool.open({ folder: `${dataRoot}/content/spool` });
  return { database, content, layers, journal, spool, rootfs: new OverlayRootfsStore({ dataRoot, runRoot, layers, kernel, trash }) };
}

/** The engine's own id: made once for a data root. */
async function identity(database: StateDatabase): Promise<string> {
  const table = database.table<{ readonly id: string }>("engine");
  const [row] = await table.load();
  if (row !== undefined) return row.id;
  const id = `${newId().slice(0, 8)}-${newId().slice(0, 4)}-${newId().slice(0, 4)}-${newId().slice(0, 4)}-${newId().slice(0, 12)}`;
  await table.put("identity", { id }, "durable");
  return id;
}
