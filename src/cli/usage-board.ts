import type { DockerClient, EventReply, StatsReply } from "#client";

/** A container on the board. */
export interface Watched {
  /** As the caller named it, or its short id. */
  readonly reference: string;
  /** The latest reading; undefined before the first one. */
  stats: StatsReply | undefined;
  /** Why there are no more readings; undefined while they come. */
  failure: unknown;
}

/**
 * What containers use, kept up to date by one stream each. `watch` and `drop` say of which; disposing ends all streams.
 * `changed` is told of every reading and every end.
 */
export class UsageBoard implements Disposable {
  readonly #client: DockerClient;
  readonly #changed: () => void;
  readonly #watched = new Map<string, { readonly watched: Watched; readonly end: AbortController }>();

  constructor(client: DockerClient, changed: () => void = () => undefined) {
    this.#client = client;
    this.#changed = changed;
  }

  /** In the order in which they came. */
  get all(): readonly Watched[] {
    return [...this.#watched.values()].map(({ watched }) => watched);
  }

  get(reference: string): Watched | undefined {
    return this.#watched.get(reference)?.watched;
  }

  /** Resolves with the first reading or the first failure; one that is watched already is left as it is, unless it failed. */
  async watch(reference: string): Promise<void> {
    const known = this.#watched.get(reference);
    if (known !== undefined && known.watched.failure === undefined) return;
    const end = new AbortController();
    const watched: Watched = { reference, stats: undefined, failure: undefined };
    this.#watched.set(reference, { watched, end });
    const first = Promise.withResolvers<void>();
    void this.#follow(watched, end.signal, first.resolve).finally(first.resolve);
    await first.promise;
  }

  drop(reference: string): void {
    const known = this.#watched.get(reference);
    this.#watched.delete(reference);
    known?.end.abort();
    this.#changed();
  }

  [Symbol.dispose](): void {
    for (const { end } of this.#watched.values()) end.abort();
    this.#watched.clear();
  }

  async #follow(watched: Watched, signal: AbortSignal, told: () => void): Promise<void> {
    try {
      for await (const stats of await this.#client.containers.stats(watched.reference, { signal })) {
        watched.stats = stats;
        told();
        this.#changed();
      }
      watched.failure = new Error("EOF");
    } catch (error) {
      watched.failure = error;
    }
    if (!signal.aborted) this.#changed();
  }
}

/** Events of containers as they come, from the moment that this resolves. */
export async function containerEvents(client: DockerClient, signal: AbortSignal): Promise<AsyncGenerator<EventReply, void>> {
  const lines = await client.system.events({ filters: { type: ["container"] }, signal });
  return parsed(lines);
}

async function* parsed(lines: AsyncGenerator<string, void>): AsyncGenerator<EventReply, void> {
  for await (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as EventReply;
}
