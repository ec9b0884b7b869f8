import type { Digest } from "#base";
import type { ContentStore, Descriptor, Reference, Registry } from "#image";

interface Fetch {
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly listeners: Set<(bytes: number) => void>;
}

/** Downloads into the content store: one a blob, however many pulls want it; it is given up when none of them does. */
export class BlobFetches {
  readonly #needs: { readonly content: ContentStore; readonly registry: Registry };
  readonly #running = new Map<Digest, Fetch>();

  constructor(needs: { readonly content: ContentStore; readonly registry: Registry }) {
    this.#needs = needs;
  }

  /** Resolves when the blob is in the store, verified. @throws as the registry, or invalid for wrong bytes */
  async fetch(
    reference: Reference,
    descriptor: Descriptor,
    options: { readonly signal: AbortSignal; readonly onProgress?: (bytes: number) => void },
  ): Promise<void> {
    const { signal, onProgress = (): void => {} } = options;
    signal.throwIfAborted();
    const fetch = this.#running.get(descriptor.digest) ?? this.#start(reference, descriptor);
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

  #start(reference: Reference, descriptor: Descriptor): Fetch {
    const controller = new AbortController();
    const listeners = new Set<(bytes: number) => void>();
    const done = this.#run(reference, descriptor, {
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
    options: { readonly signal: AbortSignal; readonly onProgress: (bytes: number) => void },
  ): Promise<void> {
    const { content, registry } = this.#needs;
    if ((await content.stat(descriptor.digest)) !== undefined) return;
    const bytes = await registry.blob(reference, descriptor, { signal: options.signal });
    await content.ingest(descriptor, bytes, options);
  }
}
