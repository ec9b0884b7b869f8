import { type Digest, fault, hexOf, isDigest, newId } from "#base";
import type { ContentStore, IngestOptions } from "#image";
import { hasCode } from "#linux";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readPieces } from "./read-pieces.ts";
import type { StoreThreads } from "./store-threads.ts";
import type { Trash } from "./trash.ts";

interface ContentStoreOptions {
  /** content/ of the data root. */
  readonly folder: string;
  readonly trash: Pick<Trash, "discard">;
  readonly threads: StoreThreads;
}

/** Blobs as files: sha256/<hex>, and ingest/ for what is not verified yet. See the port. */
export class DirectoryContentStore implements ContentStore {
  readonly #options: ContentStoreOptions;
  readonly #blobs: string;
  readonly #ingest: string;

  private constructor(options: ContentStoreOptions) {
    this.#options = options;
    this.#blobs = join(options.folder, "sha256");
    this.#ingest = join(options.folder, "ingest");
  }

  /** Makes the folders and throws away what a killed daemon was taking in. */
  static async open(options: ContentStoreOptions): Promise<DirectoryContentStore> {
    const store = new DirectoryContentStore(options);
    await mkdir(store.#blobs, { recursive: true, mode: 0o700 });
    await mkdir(store.#ingest, { recursive: true, mode: 0o700 });
    for (const name of await readdir(store.#ingest)) await rm(join(store.#ingest, name), { recursive: true, force: true });
    return store;
  }

  async stat(digest: Digest): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(digest))).size;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  async read(digest: Digest, limit: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      await using file = await open(this.#pathOf(digest), "r");
      const { size } = await file.stat();
      if (size > limit) throw fault("invalid", `${digest} has ${size} bytes, at most ${limit} are read`);
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size;) {
        const { bytesRead } = await file.read(bytes, at, size - at, at);
        if (bytesRead === 0) throw fault("internal", `content ${digest} was cut short on disk`);
        at += bytesRead;
      }
      return bytes;
    } catch (error) {
      if (hasCode(error, "ENOENT")) throw notFound(digest);
      throw error;
    }
  }

  async path(digest: Digest): Promise<string> {
    if ((await this.stat(digest)) === undefined) throw notFound(digest);
    return this.#pathOf(digest);
  }

  async open(digest: Digest): Promise<ReadableStream<Uint8Array>> {
    return readPieces(await this.path(digest));
  }

  async ingest(
    expected: { readonly digest: Digest; readonly size?: number },
    bytes: ReadableStream<Uint8Array>,
    options: IngestOptions = {},
  ): Promise<void> {
    const target = this.#pathOf(expected.digest);
    options.signal?.throwIfAborted();
    if ((await this.stat(expected.digest)) !== undefined) {
      await bytes.cancel();
      return;
    }
    const path = join(this.#ingest, newId());
    const blob = this.#options.threads.ingest({
      digest: expected.digest,
      size: expected.size,
      path,
      target,
      isLasting: options.isLasting ?? true,
    });
    const reader = bytes.getReader();
    const signal = AbortSignal.any([blob.failed, ...(options.signal === undefined ? [] : [options.signal])]);
    const abort = (): void => {
      // A stream that is broken already refuses; its error comes out of read().
      reader.cancel(signal.reason).catch(() => undefined);
    };
    signal.addEventListener("abort", abort);
    try {
      let taken = 0;
      for (;;) {
        const { done, value } = await reader.read();
        signal.throwIfAborted();
        if (done) break;
        await blob.push(value);
        taken += value.length;
        options.onProgress?.(taken);
      }
      await blob.end();
    } catch (error) {
      await Promise.allSettled([blob.cancel(), reader.cancel(error)]);
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async verify(digest: Digest): Promise<string | undefined> {
    return await this.#options.threads.verify({ what: "blob", path: this.#pathOf(digest), digest });
  }

  async remove(digest: Digest): Promise<void> {
    await this.#options.trash.discard(this.#pathOf(digest));
  }

  async list(): Promise<readonly Digest[]> {
    const names = await readdir(this.#blobs);
    return names
      .map((name) => `sha256:${name}`)
      .filter(isDigest)
      .toSorted();
  }

  #pathOf(digest: Digest): string {
    // The type says so, but a path is too much to hang on a type.
    if (!isDigest(digest)) throw fault("invalid", `invalid digest format: ${JSON.stringify(digest)}`);
    return join(this.#blobs, hexOf(digest));
  }
}

function notFound(digest: Digest): Error {
  return fault("not-found", `content ${digest}: not found`);
}
