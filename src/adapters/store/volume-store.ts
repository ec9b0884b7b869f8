// Volumes on disk: volumes/<name>/{_data,new,filling}. `new` marks one whose row is not committed; `filling` is a copy on its way to `_data`.
import { fault, messageOf } from "#base";
import { hasCode, KernelError, type KernelPort } from "#linux";
import type { FillSource, FoundVolume, OpenedSubpath, VolumeStore } from "#volume";
import { join } from "node:path";
import type { Trash } from "./trash.ts";

interface VolumeStoreOptions {
  readonly dataRoot: string;
  readonly kernel: KernelPort;
  /** For what callers name and may hang: devices, servers. */
  readonly foreign: KernelPort;
  readonly trash: Trash;
}

/** What one call to a kernel worker copies, about. */
const copyBudget = { entries: 2000, bytes: 256 * 1024 * 1024 };
/** Directory entries that one call looks at, about. */
const entriesPerSlice = 5000;

/** See the port. */
export class DirectoryVolumeStore implements VolumeStore {
  readonly root: string;
  readonly #options: VolumeStoreOptions;

  constructor(options: VolumeStoreOptions) {
    this.#options = options;
    this.root = join(options.dataRoot, "volumes");
  }

  path(name: string): string {
    return join(this.#home(name), "_data");
  }

  make(name: string): Promise<void> {
    return this.#options.kernel.run("makeVolume", this.#home(name));
  }

  settle(name: string): Promise<void> {
    return this.#options.kernel.run("settleVolume", this.#home(name));
  }

  discard(name: string): Promise<void> {
    return this.#options.trash.discard(this.#home(name));
  }

  list(): Promise<readonly FoundVolume[]> {
    return this.#options.kernel.run("listVolumes", this.root);
  }

  async fill(name: string, { root, path }: FillSource, isShared: boolean): Promise<"done" | "file"> {
    const { kernel, trash } = this.#options;
    const home = this.#home(name);
    if (!(await kernel.run("isEmptyFolder", this.path(name)))) return "done";
    if (isShared) return (await this.#copy({ root, path, target: this.path(name) })) === "file" ? "file" : "done";
    await trash.discard(join(home, "filling"));
    const target = await kernel.run("makeFilling", home);
    try {
      const copied = await this.#copy({ root, path, target });
      if (copied === "done") await kernel.run("takeFilling", home);
      return copied === "file" ? "file" : "done";
    } finally {
      await trash.discard(target);
    }
  }

  async fillWith(name: string, write: (folder: string) => Promise<void>): Promise<void> {
    const { kernel, trash } = this.#options;
    const home = this.#home(name);
    await trash.discard(join(home, "filling"));
    const target = await kernel.run("makeFilling", home);
    try {
      await write(target);
      await kernel.run("syncFolder", target);
      if (!(await kernel.run("takeFilling", home))) throw fault("conflict", `volume ${name} is not empty`);
    } finally {
      await trash.discard(target);
    }
  }

  async copy(from: string, to: string): Promise<void> {
    const copied = await this.#copy({ root: from, path: ".", target: to });
    if (copied !== "done") throw fault("not-found", `${from} is gone`);
  }

  async rename(name: string, to: string): Promise<void> {
    await this.#options.kernel.run("renameVolume", this.#home(name), this.#home(to));
  }

  async usage(name: string): Promise<number> {
    let bytes = 0;
    let folders: readonly Uint8Array[] = [Buffer.from(".")];
    while (folders.length > 0) {
      const slice = await this.#options.foreign.run("measureFolders", this.path(name), folders, entriesPerSlice, "sizes");
      if (slice === undefined) throw fault("not-found", `get ${name}: no such volume`);
      bytes += slice.bytes;
      folders = slice.left;
    }
    return Math.round(bytes);
  }

  async mountDevice(name: string, options: Readonly<Record<string, string>>): Promise<void> {
    const { type = "", device = "", o = "" } = options;
    try {
      await this.#options.foreign.run("mountDevice", this.path(name), { type, device, options: o });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      const reason = messageOf(error);
      throw fault("internal", `error while mounting volume '${this.path(name)}': failed to mount local volume: ${reason}`, {
        cause: error,
      });
    }
  }

  async unmountDevice(name: string): Promise<void> {
    await this.#options.foreign.run("detachMounts", this.path(name));
  }

  async openSubpath(name: string, subpath: string, place: string): Promise<OpenedSubpath> {
    try {
      await this.#options.kernel.run("showWithin", this.path(name), subpath, place);
    } catch (error) {
      if (!hasCode(error, "ENOENT", "ENOTDIR", "EXDEV", "ELOOP")) throw error;
      throw fault("internal", `failed to open subpath ${JSON.stringify(subpath)} of volume ${name}: ${messageOf(error)}`, { cause: error });
    }
    return { path: place, [Symbol.asyncDispose]: () => this.#options.kernel.run("hideShown", place) };
  }

  async #copy(paths: { readonly root: string; readonly path: string; readonly target: string }): Promise<"done" | "file" | "missing"> {
    const request = { ...paths, budget: copyBudget };
    let progress = await this.#options.kernel.run("copyTree", request);
    while (typeof progress !== "string" && progress.left.length > 0)
      progress = await this.#options.kernel.run("copyTree", request, progress);
    return typeof progress === "string" ? progress : "done";
  }

  #home(name: string): string {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) throw fault("invalid", `${JSON.stringify(name)} is no name of a volume`);
    return join(this.root, name);
  }
}
