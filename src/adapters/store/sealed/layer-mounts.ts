// Sealed layers where overlayfs finds them: <folder>/<hex>, one mount a layer and a boot, shared by all containers. A mount outlives the daemon;
// the next one finds it by its name. Containers hold a layer on their own: to take it out of the mount table takes nothing from them.
import { type Digest, fault, hexOf } from "#base";
import type { KernelPort, SealedMethod } from "#linux";
import { join } from "node:path";
import { layerRoot } from "./layer-index.ts";
import { sealedFiles } from "./sealed-form.ts";

interface LayerMountsOptions {
  /** A folder of this daemon that is empty after a boot. */
  readonly folder: string;
  readonly kernel: KernelPort;
  /** How this machine mounts them; undefined: not at all. */
  readonly method: SealedMethod | undefined;
}

export class LayerMounts {
  readonly #options: LayerMountsOptions;
  readonly #mounted = new Set<Digest>();
  readonly #mounting = new Map<Digest, Promise<void>>();

  constructor(options: LayerMountsOptions) {
    this.#options = options;
  }

  lowerdir(diffId: Digest): string {
    return join(this.#target(diffId), layerRoot);
  }

  /** Mounts the layers that are not mounted yet; `folderOf` says where one lies on disk. @throws unsupported; KernelError */
  async attach(layers: readonly Digest[], folderOf: (diffId: Digest) => string): Promise<void> {
    const missing = layers.filter((diffId) => !this.#mounted.has(diffId));
    const fresh = missing.filter((diffId) => !this.#mounting.has(diffId));
    if (fresh.length > 0) {
      const mounting = this.#mount(fresh, folderOf).finally(() => fresh.forEach((diffId) => this.#mounting.delete(diffId)));
      for (const diffId of fresh) this.#mounting.set(diffId, mounting);
    }
    await Promise.all(missing.flatMap((diffId) => this.#mounting.get(diffId) ?? []));
  }

  /** The next `attach` looks whether they are still mounted: somebody else may have unmounted them. */
  forget(layers: readonly Digest[]): void {
    for (const diffId of layers) this.#mounted.delete(diffId);
  }

  /** Idempotent. @throws KernelError */
  async detach(diffId: Digest): Promise<void> {
    await this.#mounting.get(diffId)?.catch(() => undefined);
    this.#mounted.delete(diffId);
    await this.#options.kernel.run("unmountSealed", this.#target(diffId));
  }

  /** Takes away what is mounted and not to be kept, such as a layer whose removal was cut short. @throws KernelError */
  async sweep(isKept: (hex: string) => boolean): Promise<void> {
    const { kernel, folder } = this.#options;
    for (const name of await kernel.run("listFolders", folder)) {
      if (!isKept(name)) await kernel.run("unmountSealed", join(folder, name));
    }
  }

  async #mount(layers: readonly Digest[], folderOf: (diffId: Digest) => string): Promise<void> {
    const { kernel, method } = this.#options;
    const [first] = layers;
    if (method === undefined) throw fault("unsupported", `layer ${first} is sealed, and this machine cannot mount it`);
    const mounts = layers.map((diffId) => ({
      index: join(folderOf(diffId), sealedFiles.index),
      archive: join(folderOf(diffId), sealedFiles.archive),
      target: this.#target(diffId),
      mark: layerRoot,
    }));
    await kernel.run("mountSealed", mounts, method);
    for (const diffId of layers) this.#mounted.add(diffId);
  }

  #target(diffId: Digest): string {
    return join(this.#options.folder, hexOf(diffId));
  }
}
