import { type Digest, fault, hexOf, isDigest, messageOf, newId } from "#base";
import type { ByteString, LayerSource, LayerStore, LayerVerdict, UnpackedLayer, UnpackOptions } from "#image";
import { hasCode, type KernelPort } from "#linux";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChosenDriver, chooseDriver, type WantedDriver } from "./layer-driver.ts";
import { sealedFiles } from "./sealed/sealed-form.ts";
import { LayerMounts } from "./sealed/layer-mounts.ts";
import type { LayerRecord } from "./store-message.ts";
import type { StoreThreads } from "./store-threads.ts";
import type { Trash } from "./trash.ts";
import { layerFiles } from "./unpack-layer.ts";

interface LayerStoreOptions {
  /** layers/ of the data root. */
  readonly folder: string;
  /** Where sealed layers are mounted: a folder of this daemon's exec root. */
  readonly mounts: string;
  readonly kernel: KernelPort;
  readonly wanted: WantedDriver;
  readonly trash: Pick<Trash, "discard">;
  readonly threads: StoreThreads;
}

interface Unpacking {
  readonly layer: Promise<UnpackedLayer>;
  readonly controller: AbortController;
  waiters: number;
}

const ingestFolder = "ingest";

/**
 * A folder a layer: <hex>/layer.json says whether <hex>/tree lies beside it or an archive with its index; ingest/ for what is not whole yet. See
 * the port.
 */
export class FolderLayerStore implements LayerStore {
  readonly driver: "sealed" | "directory";
  /** What else `info` says of the driver. */
  readonly driverStatus: readonly (readonly [string, string])[];
  readonly #options: LayerStoreOptions;
  readonly #form: LayerRecord["form"];
  readonly #mounts: LayerMounts;
  readonly #records = new Map<Digest, LayerRecord>();
  readonly #unpacking = new Map<Digest, Unpacking>();

  private constructor(options: LayerStoreOptions, { form, method, status }: ChosenDriver) {
    this.#options = options;
    this.#form = form;
    this.driver = form === "sealed" ? "sealed" : "directory";
    this.driverStatus = status;
    this.#mounts = new LayerMounts({ folder: options.mounts, kernel: options.kernel, method });
  }

  /**
   * Finds out what the machine can mount, reads what is there and throws away what a killed daemon was unpacking.
   * @throws unsupported when the wanted driver is not to be had
   */
  static async open(options: LayerStoreOptions): Promise<FolderLayerStore> {
    const ingest = join(options.folder, ingestFolder);
    await mkdir(ingest, { recursive: true, mode: 0o700 });
    for (const name of await readdir(ingest)) await options.trash.discard(join(ingest, name));
    const store = new FolderLayerStore(
      options,
      await chooseDriver(options.wanted, { folder: join(options.folder, "../probe"), kernel: options.kernel }),
    );
    for (const name of await readdir(options.folder)) {
      const diffId = `sha256:${name}`;
      if (isDigest(diffId)) await store.#load(diffId);
    }
    await store.#mounts.sweep((hex) => store.#isSealed(`sha256:${hex}`));
    return store;
  }

  has(diffId: Digest): Promise<boolean> {
    return Promise.resolve(this.#records.has(diffId));
  }

  async unpack(source: LayerSource, options: UnpackOptions = {}): Promise<UnpackedLayer> {
    const { diffId } = source;
    await this.#abandoned(diffId);
    options.signal?.throwIfAborted();
    const record = this.#records.get(diffId);
    if (record !== undefined) return { diffId, size: record.size };
    let unpacking = this.#unpacking.get(diffId);
    if (unpacking === undefined) {
      const controller = new AbortController();
      unpacking = { layer: this.#unpack(source, options.isLasting ?? true, controller.signal), controller, waiters: 0 };
      this.#unpacking.set(diffId, unpacking);
    }
    return await this.#wait(unpacking, diffId, options.signal);
  }

  async attach(layers: readonly Digest[], { anew }: { readonly anew: boolean } = { anew: false }): Promise<void> {
    const sealed = layers.filter((diffId) => this.#isSealed(diffId));
    if (anew) this.#mounts.forget(sealed);
    await this.#mounts.attach(sealed, (diffId) => this.#folderOf(diffId));
  }

  lowerdir(diffId: Digest): string {
    const folder = this.#folderOf(diffId);
    return this.#isSealed(diffId) ? this.#mounts.lowerdir(diffId) : join(folder, layerFiles.tree);
  }

  /** The very bytes that a sealed layer was made from; of others there are only files. */
  archive(diffId: Digest): AsyncIterable<Uint8Array> | undefined {
    if (!this.#isSealed(diffId)) return undefined;
    const path = join(this.#folderOf(diffId), sealedFiles.archive);
    return { [Symbol.asyncIterator]: (): AsyncIterator<Uint8Array> => createReadStream(path)[Symbol.asyncIterator]() };
  }

  implied(diffId: Digest): readonly ByteString[] {
    return this.#records.get(diffId)?.implied ?? [];
  }

  /** Unpacks the blob once more, to the side, and compares the two trees: so what a layer shall be is said in one place. */
  async verify(diffId: Digest, source?: LayerSource): Promise<LayerVerdict> {
    const folder = this.#folderOf(diffId);
    const record = await readRecord(folder).catch((error: unknown) => messageOf(error));
    if (typeof record === "string") return { state: "damaged", reason: record };
    if (record.form === "sealed") return await this.#verifySealed(diffId, record);
    if (source === undefined) return { state: "unknown", reason: "the blob that it was unpacked from is not here" };
    const model = join(this.#options.folder, ingestFolder, newId());
    try {
      const range = source.range ?? { offset: 0, size: (await stat(source.path)).size };
      const made = await this.#options.threads.unpack({
        diffId,
        form: record.form,
        source: { path: source.path, ...range },
        folder: `${model}-half`,
        target: model,
        isLasting: false,
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

  /** The archive must be what its name says; all else follows from it. */
  async #verifySealed(diffId: Digest, record: LayerRecord): Promise<LayerVerdict> {
    const reason = await this.#options.threads.verify({ what: "sealed", folder: this.#folderOf(diffId), diffId, record });
    return reason === undefined ? { state: "sound" } : { state: "damaged", reason };
  }

  /** Takes out of the mount table what nobody uses; for the end of a daemon, when containers go on with `kept`. @throws KernelError */
  async release(kept: Iterable<Digest>): Promise<void> {
    const names = new Set([...kept].map(hexOf));
    await this.#mounts.sweep((hex) => names.has(hex));
  }

  async remove(diffId: Digest): Promise<void> {
    const folder = this.#folderOf(diffId);
    // First out of the mount table: what is mounted has a folder, whenever this is cut short.
    if (this.#isSealed(diffId)) await this.#mounts.detach(diffId);
    this.#records.delete(diffId);
    await this.#options.trash.discard(folder);
  }

  list(): Promise<readonly UnpackedLayer[]> {
    return Promise.resolve([...this.#records].map(([diffId, { size }]) => ({ diffId, size })));
  }

  #isSealed(diffId: Digest): boolean {
    return this.#records.get(diffId)?.form === "sealed";
  }

  async #unpack(source: LayerSource, isLasting: boolean, signal: AbortSignal): Promise<UnpackedLayer> {
    const { diffId, path } = source;
    const target = this.#folderOf(diffId);
    const range = source.range ?? { offset: 0, size: (await stat(path)).size };
    const folder = join(this.#options.folder, ingestFolder, newId());
    try {
      const job = { diffId, form: this.#form, source: { path, ...range }, folder, target, isLasting };
      const record = await this.#options.threads.unpack(job, signal);
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
  return { version: 1, form: record.form ?? "tree", size: record.size, implied: record.implied };
}
