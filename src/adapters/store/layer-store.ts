import { type Digest, fault, hexOf, isDigest, messageOf, newId } from "#base";
import type { ByteString, LayerSource, LayerStore, LayerVerdict, UnpackedLayer } from "#image";
import { hasCode } from "#linux";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LayerRecord } from "./store-message.ts";
import type { StoreThreads } from "./store-threads.ts";
import type { Trash } from "./trash.ts";
import { layerFiles } from "./unpack-layer.ts";

interface LayerStoreOptions {
  /** layers/ of the data root. */
  readonly folder: string;
  readonly trash: Pick<Trash, "discard">;
  readonly threads: StoreThreads;
}

interface Unpacking {
  readonly layer: Promise<UnpackedLayer>;
  readonly controller: AbortController;
  waiters: number;
}

const ingestFolder = "ingest";

/** One tree a layer: <hex>/tree beside <hex>/layer.json; ingest/ for what is not whole yet. See the port. */
export class DirectoryLayerStore implements LayerStore {
  readonly driver = "directory";
  readonly #options: LayerStoreOptions;
  readonly #records = new Map<Digest, LayerRecord>();
  readonly #unpacking = new Map<Digest, Unpacking>();

  private constructor(options: LayerStoreOptions) {
    this.#options = options;
  }

  /** Reads what is there and throws away what a killed daemon was unpacking. */
  static async open(options: LayerStoreOptions): Promise<DirectoryLayerStore> {
    const store = new DirectoryLayerStore(options);
    const ingest = join(options.folder, ingestFolder);
    await mkdir(ingest, { recursive: true, mode: 0o700 });
    for (const name of await readdir(ingest)) await options.trash.discard(join(ingest, name));
    for (const name of await readdir(options.folder)) {
      const diffId = `sha256:${name}`;
      if (isDigest(diffId)) await store.#load(diffId);
    }
    return store;
  }

  has(diffId: Digest): Promise<boolean> {
    return Promise.resolve(this.#records.has(diffId));
  }

  async unpack(source: LayerSource, options: { readonly signal?: AbortSignal } = {}): Promise<UnpackedLayer> {
    const { diffId } = source;
    await this.#abandoned(diffId);
    options.signal?.throwIfAborted();
    const record = this.#records.get(diffId);
    if (record !== undefined) return { diffId, size: record.size };
    let unpacking = this.#unpacking.get(diffId);
    if (unpacking === undefined) {
      const controller = new AbortController();
      unpacking = { layer: this.#unpack(source, controller.signal), controller, waiters: 0 };
      this.#unpacking.set(diffId, unpacking);
    }
    return await this.#wait(unpacking, diffId, options.signal);
  }

  lowerdir(diffId: Digest): string {
    return join(this.#folderOf(diffId), layerFiles.tree);
  }

  implied(diffId: Digest): readonly ByteString[] {
    return this.#records.get(diffId)?.implied ?? [];
  }

  /** Unpacks the blob once more, to the side, and compares the two trees: so what a layer shall be is said in one place. */
  async verify(diffId: Digest, source?: LayerSource): Promise<LayerVerdict> {
    const folder = this.#folderOf(diffId);
    const record = await readRecord(folder).catch((error: unknown) => messageOf(error));
    if (typeof record === "string") return { state: "damaged", reason: record };
    if (source === undefined) return { state: "unknown", reason: "the blob that it was unpacked from is not here" };
    const model = join(this.#options.folder, ingestFolder, newId());
    try {
      const range = source.range ?? { offset: 0, size: (await stat(source.path)).size };
      const made = await this.#options.threads.unpack({
        diffId,
        source: { path: source.path, ...range },
        folder: `${model}-half`,
        target: model,
      });
      if (JSON.stringify(made) !== JSON.stringify(record)) return { state: "damaged", reason: `${layerFiles.record} differs` };
      const [tree, other] = [join(folder, layerFiles.tree), join(model, layerFiles.tree)];
      const reason = await this.#options.threads.verify({ what: "trees", tree, model: other });
      return reason === undefined ? { state: "sound" } : { state: "damaged", reason };
    } finally {
      await this.#options.trash.discard(`${model}-half`);
      await this.#options.trash.discard(model);
    }
  }

  async remove(diffId: Digest): Promise<void> {
    this.#records.delete(diffId);
    await this.#options.trash.discard(this.#folderOf(diffId));
  }

  list(): Promise<readonly UnpackedLayer[]> {
    return Promise.resolve([...this.#records].map(([diffId, { size }]) => ({ diffId, size })));
  }

  async #unpack(source: LayerSource, signal: AbortSignal): Promise<UnpackedLayer> {
    const { diffId, path } = source;
    const target = this.#folderOf(diffId);
    const range = source.range ?? { offset: 0, size: (await stat(path)).size };
    const folder = join(this.#options.folder, ingestFolder, newId());
    try {
      const record = await this.#options.threads.unpack({ diffId, source: { path, ...range }, folder, target }, signal);
      this.#records.set(diffId, record);
      return { diffId, size: record.size };
    } catch (error) {
      await this.#options.trash.discard(folder);
      throw error;
    }
  }

  /** Waits for an unpacking that was given up: it may be past the point of return, and then the layer is there. */
  async #abandoned(diffId: Digest): Promise<void> {
    for (;;) {
      const unpacking = this.#unpacking.get(diffId);
      if (unpacking?.controller.signal.aborted !== true) return;
      await unpacking.layer.catch(() => undefined);
    }
  }

  /** One of several waiters may leave; when the last one does, the unpacking is cancelled. */
  async #wait(unpacking: Unpacking, diffId: Digest, signal: AbortSignal | undefined): Promise<UnpackedLayer> {
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      unpacking.waiters -= 1;
      if (unpacking.waiters > 0) left.reject(signal?.reason);
      else unpacking.controller.abort(signal?.reason);
    };
    unpacking.waiters += 1;
    signal?.addEventListener("abort", leave);
    try {
      return await Promise.race([unpacking.layer, left.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
      if (signal?.aborted !== true) unpacking.waiters -= 1;
      if (unpacking.waiters === 0 && this.#unpacking.get(diffId) === unpacking) this.#unpacking.delete(diffId);
    }
  }

  async #load(diffId: Digest): Promise<void> {
    try {
      this.#records.set(diffId, await readRecord(this.#folderOf(diffId)));
    } catch (error) {
      // A layer without a readable record is no layer: whoever needs it unpacks it again.
      if (!hasCode(error, "ENOENT") && !(error instanceof SyntaxError)) throw error;
      await this.#options.trash.discard(this.#folderOf(diffId));
    }
  }

  #folderOf(diffId: Digest): string {
    if (!isDigest(diffId)) throw fault("invalid", `invalid digest format: ${JSON.stringify(diffId)}`);
    return join(this.#options.folder, hexOf(diffId));
  }
}

async function readRecord(folder: string): Promise<LayerRecord> {
  return parseRecord(await readFile(join(folder, layerFiles.record), "utf8"));
}

function parseRecord(text: string): LayerRecord {
  const record = JSON.parse(text) as Partial<LayerRecord> | null;
  if (record?.version !== 1 || typeof record.size !== "number" || !Array.isArray(record.implied)) {
    throw new SyntaxError("not the record of a layer");
  }
  return { version: 1, size: record.size, implied: record.implied };
}
