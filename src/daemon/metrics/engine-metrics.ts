import type { AuditEntry, EngineInfo } from "#engine";
import { Histogram } from "./histogram.ts";
import { processMetrics } from "./process-metrics.ts";
import { formatMetrics, type MetricFamily } from "./text-format.ts";

interface Sources {
  readonly info: () => EngineInfo;
  /** Events of this daemon so far. */
  readonly countEvents: () => number;
  /** Checks that were made since the daemon's start. */
  readonly health: { readonly looks: number; readonly failures: number };
  readonly version: string;
  readonly commit: string;
}

/** Docker's name for what a verb does. */
const actions: Readonly<Record<string, string>> = {
  "containers.create": "create",
  "containers.start": "start",
  "containers.remove": "delete",
  "containers.changes": "changes",
  "containers.commit": "commit",
};

/** What the daemon counts, under Docker's names. */
export class EngineMetrics {
  readonly #actions = new Histogram("action", Object.values(actions));
  readonly #hostFacts = new Histogram("function", ["system_info"]);

  /** Counts a call that succeeded, where Docker counts its kind. */
  observe({ verb, outcome, milliseconds }: AuditEntry): void {
    const action = actions[verb];
    if (action !== undefined && outcome === "done") this.#actions.observe(action, milliseconds / 1000);
  }

  /** Everything as it is now. */
  async text(sources: Sources): Promise<string> {
    const began = performance.now();
    const info = sources.info();
    this.#hostFacts.observe("system_info", (performance.now() - began) / 1000);
    return formatMetrics([...this.#engine(sources, info), ...(await processMetrics())]);
  }

  #engine({ countEvents, health, version, commit }: Sources, info: EngineInfo): readonly MetricFamily[] {
    const { running, paused, stopped } = info.containers;
    const states = { paused, running, stopped };
    const about = {
      architecture: info.architecture,
      commit,
      daemon_id: info.id,
      graphdriver: info.layerDriver,
      kernel: info.kernelVersion,
      os: info.operatingSystem,
      os_type: "linux",
      os_version: info.osVersion,
      version,
    };
    return [
      family("container_actions_seconds", "histogram", "The number of seconds it takes to process each container action", {
        samples: this.#actions.samples(),
      }),
      family("container_states_containers", "gauge", "The count of containers in various states", {
        samples: Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
      }),
      family("engine_cpus_cpus", "gauge", "The number of cpus that the host system of the engine has", { value: info.cpus }),
      family("engine_info", "gauge", "The information related to the engine and the OS it is running on", {
        samples: [{ labels: about, value: 1 }],
      }),
      family("engine_memory_bytes", "gauge", "The number of bytes of memory that the host system of the engine has", {
        value: info.memory,
      }),
      family("events_total", "counter", "The number of events logged", { value: countEvents() }),
      family("events_subscribers_total", "gauge", "The number of current subscribers to events", { value: info.eventListeners }),
      family("health_checks_total", "counter", "The total number of health checks", { value: health.looks }),
      family("health_checks_failed_total", "counter", "The total number of failed health checks", { value: health.failures }),
      family("host_info_functions_seconds", "histogram", "The number of seconds it takes to call functions gathering info about the host", {
        samples: this.#hostFacts.samples(),
      }),
    ];
  }
}

type Content = Pick<MetricFamily, "samples"> | { readonly value: number };

function family(name: string, type: MetricFamily["type"], help: string, content: Content): MetricFamily {
  return { name: `engine_daemon_${name}`, type, help, samples: "samples" in content ? content.samples : [{ value: content.value }] };
}
