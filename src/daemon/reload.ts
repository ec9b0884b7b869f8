// SIGHUP: the file is read anew, and what may change while containers run does. A file that is wrong changes nothing.
import { hostname } from "node:os";
import { type Logger, messageOf } from "#base";
import type { ContainerDefaults } from "#container";
import type { Announcer } from "#event";
import type { DaemonOptions, LogLevel } from "./options/daemon-options.ts";
import { showMap } from "./options/kinds.ts";
import type { Configuration, Reread } from "./options/read-options.ts";

export interface ReloadNeeds {
  readonly configuration: Configuration;
  readonly logger: Logger & { setLevel(level: LogLevel): void };
  readonly announcer: Announcer;
  /** The engine's. */
  readonly id: string;
  readonly defaults: () => ContainerDefaults;
  /** Takes what the adapters keep for themselves. @throws invalid, and then nothing is changed */
  apply(options: DaemonOptions): void;
}

/** The options that hold: those of the start, with what a reload may change as it was read last. */
export class CurrentOptions {
  #options: DaemonOptions;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get now(): DaemonOptions {
    return this.#options;
  }

  reload(needs: ReloadNeeds): void {
    const { logger, announcer } = needs;
    try {
      const next = withChanges(this.#options, needs.configuration.reread());
      needs.apply(next);
      this.#options = next;
    } catch (error) {
      logger.error("the configuration was not reloaded", { error: messageOf(error) });
      return;
    }
    logger.setLevel(this.#options.logLevel);
    logger.info("the configuration was reloaded");
    announcer.announce({
      type: "daemon",
      action: "reload",
      actorId: needs.id,
      attributes: reloadAttributes(this.#options, needs.defaults()),
    });
  }
}

/** What Docker applies, where the configuration says it; the rest holds until the next start. Numbers that are gone have their defaults again. */
function withChanges(old: DaemonOptions, { options: next, says }: Reread): DaemonOptions {
  const { insecureRegistries, mirrors, authHosts, layerBlobBudget, maxDownloads, maxUploads, maxAttempts } = next.images;
  return {
    ...old,
    ...(says("debug") && { debug: next.debug, logLevel: next.logLevel }),
    ...(says("labels") && { labels: next.labels }),
    ...(says("live-restore") && { liveRestore: next.liveRestore }),
    ...(says("shutdown-timeout") && { shutdownTimeout: next.shutdownTimeout }),
    ...(says("features") && { features: next.features }),
    ...(says("runtimes") && { runtimes: next.runtimes }),
    ...(next.defaultRuntime !== undefined && { defaultRuntime: next.defaultRuntime }),
    images: {
      ...old.images,
      ...(says("insecure-registries") && { insecureRegistries }),
      ...(says("registry-mirrors") && { mirrors }),
      ...(says("registry-auth-hosts") && { authHosts }),
      ...(says("layer-blob-budget") && layerBlobBudget !== undefined && { layerBlobBudget }),
      maxDownloads,
      maxUploads,
      maxAttempts,
    },
  };
}

/** As Docker's event tells them: lists as JSON, objects as Go prints them. */
function reloadAttributes(options: DaemonOptions, defaults: ContainerDefaults): Readonly<Record<string, string>> {
  const { images } = options;
  const { cgroupNamespace, ipcMode, runtime, shmSize } = defaults;
  return {
    debug: String(options.debug),
    "default-cgroupns-mode": cgroupNamespace,
    "default-ipc-mode": ipcMode,
    "default-runtime": runtime,
    "default-shm-size": String(shmSize),
    features: showMap(options.features),
    "insecure-registries": JSON.stringify(images.insecureRegistries),
    labels: JSON.stringify(options.labels),
    "live-restore": String(options.liveRestore),
    "max-concurrent-downloads": String(images.maxDownloads),
    "max-concurrent-uploads": String(images.maxUploads),
    "max-download-attempts": String(images.maxAttempts),
    name: hostname(),
    "registry-mirrors": JSON.stringify(images.mirrors),
    runtimes: Object.entries(options.runtimes)
      .map(([name, { path }]) => `${name}:${path}`)
      .join(" "),
    "shutdown-timeout": String(options.shutdownTimeout),
  };
}
