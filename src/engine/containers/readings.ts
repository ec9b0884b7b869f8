// What containers use, read once a second for all who listen: one timer, one question to the kernel a tick for all containers together,
// and no timer at all while nobody listens.
import { messageOf } from "#base";
import { type Container, isUp } from "#container";
import type { Reading } from "../verbs.ts";
import type { ContainerNeeds } from "./needs.ts";

export type ReadingNeeds = Pick<ContainerNeeds, "roster" | "meter" | "fabric" | "sandboxes" | "logger">;

/** Milliseconds between two readings of a container. */
const interval = 1000;

/** What a container uses now; undefined while it does not run. */
export async function readUsage(needs: ReadingNeeds, reference: string): Promise<Reading | undefined> {
  const container = needs.roster.find(reference);
  return (await readAll(needs, [container])).get(container.id);
}

interface Listener {
  /** The latest that it has not taken yet. */
  pending: { readonly reading: Reading | undefined } | undefined;
  ended: boolean;
  wake: (() => void) | undefined;
}

/** Hands the readings of each container to all who listen to it. */
export class Readings {
  readonly #needs: ReadingNeeds;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** The last reading of each container that has listeners, for those who come between two ticks. */
  readonly #last = new Map<string, Reading | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #ticking = false;

  constructor(needs: ReadingNeeds) {
    this.#needs = needs;
  }

  /** True while somebody listens. */
  get active(): boolean {
    return this.#timer !== undefined;
  }

  /** Readings of one container from now on, until the signal aborts or the container is removed. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<Reading | undefined, void> {
    const listener: Listener = { pending: undefined, ended: false, wake: undefined };
    const end = (): void => wake(Object.assign(listener, { ended: true }));
    signal.addEventListener("abort", end);
    this.#add(id, listener);
    try {
      while (!signal.aborted) {
        const next = listener.pending;
        listener.pending = undefined;
        if (next !== undefined) yield next.reading;
        else if (listener.ended) return;
        else await new Promise<void>((resolve) => (listener.wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", end);
      this.#remove(id, listener);
    }
  }

  #add(id: string, listener: Listener): void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    if (this.#last.has(id)) listener.pending = { reading: this.#last.get(id) };
    else void this.#read([id]);
    this.#timer ??= setInterval(() => void this.#tick(), interval);
  }

  #remove(id: string, listener: Listener): void {
    const listeners = this.#listeners.get(id);
    listeners?.delete(listener);
    if (listeners?.size !== 0) return;
    this.#listeners.delete(id);
    this.#last.delete(id);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A kernel that answers late is not asked again meanwhile. */
  async #tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    await this.#read([...this.#listeners.keys()]);
    this.#ticking = false;
  }

  async #read(ids: readonly string[]): Promise<void> {
    const containers = ids.map((id) => this.#needs.roster.get(id)).filter((container) => container !== undefined);
    const found = await readAll(this.#needs, containers).catch((error: unknown) => {
      this.#needs.logger.warn("what containers use could not be read", { error: messageOf(error) });
      return undefined;
    });
    for (const id of ids) {
      const listeners = this.#listeners.get(id) ?? [];
      const isRemoved = this.#needs.roster.get(id) === undefined;
      for (const listener of listeners) {
        if (isRemoved) listener.ended = true;
        else if (found !== undefined) listener.pending = { reading: found.get(id) };
        wake(listener);
      }
      if (found !== undefined && this.#listeners.has(id)) this.#last.set(id, found.get(id));
    }
  }
}

function wake(listener: Listener): void {
  listener.wake?.();
  listener.wake = undefined;
}

async function readAll(needs: ReadingNeeds, containers: readonly Container[]): Promise<ReadonlyMap<string, Reading>> {
  const up = containers.filter(({ state }) => isUp(state));
  const endpoints = up.map(({ sandboxId }) => needs.sandboxes.endpoint(sandboxId));
  const [usages, counters] = await Promise.all([
    needs.meter.read(up.map(({ id }) => id)),
    needs.fabric.counters(endpoints.filter((endpoint) => endpoint !== undefined)),
  ]);
  const readings = new Map<string, Reading>();
  up.forEach(({ id }, index) => {
    const usage = usages.get(id);
    const networks = counters.get(endpoints[index]?.endpointId ?? "");
    if (usage !== undefined) readings.set(id, { usage, ...(networks !== undefined && { networks }) });
  });
  return readings;
}
