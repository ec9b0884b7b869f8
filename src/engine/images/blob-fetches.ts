import type { Digest } from "#base";
import type { ContentStore, Descriptor, Reference, Registry, RegistryCall } from "#image";

interface Fetch {
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly listeners: Set<(bytes: number) => void>;
}

interface FetchOptions extends RegistryCall {
  readonly onProgress?: (bytes: number) => void;
}

interface FetchNeeds {
  readonly content: ContentStore;
  readonly registry: Registry;
  /** Whether an image has this blob, and lacks it; what a fetch brings for an image to come is settled with it. */
  isNamed(digest: Digest): boolean;
}

/** Downloads into the content store: one a blob, however many pulls want it; it is given up when none of them does. */
export class BlobFetches {
  readonly #needs: FetchNeeds;
  readonly #running = new Map<Digest, Fetch>();

  constructor(needs: FetchNeeds) {
    this.#needs = needs;
  }

  /** Resolves when the blob is in the store, verified. @throws as the registry, or invalid for wrong bytes */
  async fetch(reference: Reference, descriptor: Descriptor, options: FetchOptions): Promise<void> {
    const { signal } = options;
    signal.throwIfAborted();
    const running = this.#running.get(descriptor.digest);
    if (running === undefined) return this.#follow(this.#start(reference, descriptor, options), options);
    try {
      await this.#follow(running, options);
    } catch {
      // It failed for whoever began it, with their registry and their password.
      signal.throwIfAborted();
      await this.fetch(reference, descriptor, options);
    }
  }

  async #follow(fetch: Fetch, { signal, onProgress = (): void => {} }: FetchOptions): Promise<void> {
    fetch.listeners.add(onProgress);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([fetch.done, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      fetch.listeners.delete(onProgress);
      if (fetch.listeners.size === 0) fetch.controller.abort();
    }
  }

  #start(reference: Reference, descriptor: Descriptor, { credentials }: FetchOptions): Fetch {
    const controller = new AbortController();
    const listeners = new Set<(bytes: number) => void>();
    const done = this.#run(reference, descriptor, {
      ...(credentials !== undefined && { credentials }),
      signal: controller.signal,
      onProgress: (bytes) => {
        for (const listener of listeners) listener(bytes);
      },
    });
    const fetch = { done, controller, listeners };
    this.#running.set(descriptor.digest, fetch);
    const forget = (): void => {
      if (this.#running.get(descriptor.digest) === fetch) this.#running.delete(descriptor.digest);
    };
    controller.signal.addEventListener("abort", forget, { once: true });
    done.then(forget, forget);
    return fetch;
  }

  async #run(
    reference: Reference,
    descriptor: Descriptor,
    { onProgress, ...call }: RegistryCall & { readonly onProgress: (bytes: number) => void },
  ): Promise<void> {
    const { content, registry } = this.#needs;
    if ((await content.stat(descriptor.digest)) !== undefined) return;
    const bytes = await registry.blob(reference, descriptor, call);
    await content.ingest(descriptor, bytes, { signal: call.signal, onProgress, isLasting: this.#needs.isNamed(descriptor.digest) });
  }
}
