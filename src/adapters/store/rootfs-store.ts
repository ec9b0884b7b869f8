// Containers on disk: containers/<id>/{upper,work,rootfs} and the engine's own files beside them. A root is, from the top: the container's
// upper, a stub layer, the image's layers. The stub layer keeps an image's links away from the places where the runtime mounts.
import { type Digest, fault, formatIdMap, mappedRoot, messageOf, type UserMapping } from "#base";
import {
  type MountedRootfs,
  noQuota,
  type OpenedImage,
  type RootAccess,
  type RootfsLayers,
  type RootfsOptions,
  type RootfsStore,
  type UserLookup,
} from "#container";
import type { LayerStore } from "#image";
import { hasCode, type FileInRoot, type KernelPort, type OwnerMap } from "#linux";
import { join } from "node:path";
import { StubLayers } from "./stub-layers.ts";
import type { Trash } from "./trash.ts";
import { lookUpUser } from "./user-lookup.ts";

interface OverlayRootfsStoreOptions {
  readonly dataRoot: string;
  readonly runRoot: string;
  readonly layers: LayerStore;
  readonly kernel: KernelPort;
  readonly trash: Trash;
  /** Containers that have a place for mapped mounts. */
  readonly mapped?: readonly string[];
}

const maxAccountFile = 10 * 1024 * 1024;
/** Directory entries that one call to a kernel worker looks at, about. */
const entriesPerSlice = 5000;

/** See the port. */
export class OverlayRootfsStore implements RootfsStore {
  readonly #options: OverlayRootfsStoreOptions;
  readonly #containers: string;
  readonly #stubLayers: StubLayers;
  #limiting: Promise<unknown> = Promise.resolve();
  readonly #mapped: Set<string>;
  /** User namespaces for mounts, by their numbers. */
  readonly #ownerMaps = new Map<string, Promise<number>>();

  constructor(options: OverlayRootfsStoreOptions) {
    this.#options = options;
    this.#mapped = new Set(options.mapped);
    this.#containers = join(options.dataRoot, "containers");
    this.#stubLayers = new StubLayers({ ...options, folder: join(options.dataRoot, "stubs") });
  }

  async create(id: string, options: RootfsOptions): Promise<void> {
    const { kernel } = this.#options;
    const folder = this.folder(id);
    const stubs = this.#stubLayers.folder(options.layers);
    if (!(await kernel.run("createRootfs", folder, stubs))) {
      await this.#stubLayers.build(options.layers);
      await kernel.run("createRootfs", folder, stubs);
    }
    if (options.size !== undefined && options.size > 0) await this.#limit(folder, options.size);
  }

  /** One after the other: each looks for a number that nobody has. */
  async #limit(folder: string, size: number): Promise<void> {
    const before = this.#limiting;
    const limited = before.catch(() => undefined).then(() => this.#options.kernel.run("limitRootfs", folder, size));
    this.#limiting = limited;
    if (!(await limited)) throw fault("internal", noQuota);
  }

  async mount(id: string, options: RootfsOptions): Promise<MountedRootfs> {
    const { kernel } = this.#options;
    if (options.owners !== undefined) return this.#mountMapped(id, options, options.owners);
    const mounted = await this.#mountLayers(id, options);
    return {
      path: mounted,
      show: (sources) => Promise.resolve(sources),
      [Symbol.asyncDispose]: async () => {
        await kernel.run("detachMounts", mounted);
      },
    };
  }

  async layers(id: string, layers: readonly Digest[]): Promise<RootfsLayers> {
    const folder = this.folder(id);
    // Anew: what is opened here gets no second chance when a layer turns out to be unmounted.
    await this.#options.layers.attach(layers, { anew: true });
    await this.#stubLayers.ensure(layers);
    return {
      upperdir: join(folder, "upper"),
      workdir: join(folder, "work"),
      lowerdirs: [this.#stubLayers.folder(layers), ...this.#lowerdirs(layers)],
      place: join(folder, "view"),
    };
  }

  async openImage(
    id: string,
    slot: number,
    { layers, subpath }: { readonly layers: readonly Digest[]; readonly subpath?: string },
  ): Promise<OpenedImage> {
    const { kernel } = this.#options;
    const whole = join(this.folder(id), `image-${slot}`);
    const within = join(this.folder(id), `image-part-${slot}`);
    await using shown = new AsyncDisposableStack();
    const hide = (place: string) => shown.defer(() => kernel.run("hideShown", place));
    // Anew: what is opened here gets no second chance when a layer turns out to be unmounted.
    await this.#options.layers.attach(layers, { anew: true });
    hide(whole);
    await kernel.run("showImage", whole, this.#lowerdirs(layers));
    if (subpath !== undefined) {
      hide(within);
      try {
        await kernel.run("showWithin", whole, subpath, within);
      } catch (error) {
        if (!hasCode(error, "ENOENT", "ENOTDIR", "EXDEV", "ELOOP")) throw error;
        throw fault(
          hasCode(error, "ENOENT") ? "not-found" : "internal",
          `cannot access path ${join(whole, subpath)}: ${messageOf(error)}`,
          { cause: error },
        );
      }
    }
    const kept = shown.move();
    return { path: subpath === undefined ? whole : within, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }

  folder(id: string): string {
    if (!isFileName(id)) throw fault("invalid", `${JSON.stringify(id)} is no container id`);
    return join(this.#containers, id);
  }

  async remove(id: string): Promise<void> {
    if (this.#mapped.delete(id)) await this.#options.kernel.run("removePlace", join(mappedPlaces(this.#options.runRoot), id));
    await this.#options.trash.discard(this.folder(id));
  }

  async usage(id: string): Promise<number> {
    const upper = join(this.folder(id), "upper");
    let bytes = 0;
    let folders: readonly Uint8Array[] = [Buffer.from(".")];
    while (folders.length > 0) {
      const slice = await this.#options.kernel.run("measureFolders", upper, folders, entriesPerSlice);
      if (slice === undefined) throw fault("not-found", `No such container: ${id}`);
      bytes += slice.bytes;
      folders = slice.left;
    }
    return Math.round(bytes);
  }

  async list(): Promise<readonly string[]> {
    return await this.#options.kernel.run("listFolders", this.#containers);
  }

  async lookupUser(root: RootAccess, user: string, groupAdd: readonly string[]): Promise<UserLookup> {
    const paths = ["/etc/passwd", "/etc/group"];
    const [passwd, group] = await this.#options.kernel.run("readInRoot", bare(root), paths, maxAccountFile);
    const files = { passwd: accountFile("/etc/passwd", passwd), group: accountFile("/etc/group", group) };
    return await lookUpUser(
      { ...(files.passwd !== undefined && { passwd: files.passwd }), ...(files.group !== undefined && { group: files.group }) },
      user,
      groupAdd,
    );
  }

  async resolve(root: RootAccess, paths: readonly string[]): Promise<readonly string[]> {
    try {
      return await this.#options.kernel.run("resolveInRoot", bare(root), paths);
    } catch (error) {
      if (!hasCode(error, "ELOOP")) throw error;
      throw fault("invalid", `mount target: ${messageOf(error)}`, { cause: error });
    }
  }

  async makeDirectory(root: RootAccess, path: string, owner: UserLookup): Promise<void> {
    try {
      await this.#options.kernel.run("makeFolderInRoot", bare(root), path, { uid: owner.uid, gid: owner.gid });
    } catch (error) {
      if (hasCode(error, "ENOTDIR")) throw fault("invalid", `Cannot mkdir: ${path} is not a directory`, { cause: error });
      if (hasCode(error, "EACCES", "ELOOP")) throw fault("invalid", `working directory ${path}: ${messageOf(error)}`, { cause: error });
      throw error;
    }
  }

  async openSharedMemory(id: string, size: number): Promise<string> {
    const place = join(this.folder(id), "shm");
    await this.#options.kernel.run("mountMemory", place, size);
    return place;
  }

  async closeSharedMemory(id: string): Promise<void> {
    await this.#options.kernel.run("detachMounts", join(this.folder(id), "shm"));
  }

  async writeFile(id: string, name: string, bytes: Uint8Array, mode: number): Promise<string> {
    if (!isFileName(name)) throw fault("invalid", `${JSON.stringify(name)} is no file name`);
    return await this.#options.kernel.run("writeFileWhole", this.folder(id), name, bytes, mode);
  }

  async #mountMapped(id: string, options: RootfsOptions, owners: UserMapping): Promise<MountedRootfs> {
    const { kernel, runRoot } = this.#options;
    const place = join(mappedPlaces(runRoot), id);
    this.#mapped.add(id);
    const map = { namespaceFd: await this.#openOwnerMap(owners), root: mappedRoot(owners), place };
    const path = await this.#mountLayers(id, options, map).catch(refuseOwners);
    return {
      path,
      show: (sources) => kernel.run("showMapped", sources, map).catch(refuseOwners),
      [Symbol.asyncDispose]: () => kernel.run("emptyPlace", place),
    };
  }

  /** One that is open stays so for this daemon's life; there are as many as there are mappings. */
  #openOwnerMap(owners: UserMapping): Promise<number> {
    const key = [owners.uids, owners.gids].map(formatIdMap).join("\n");
    const open = this.#ownerMaps.get(key) ?? this.#options.kernel.run("openOwnerMap", owners);
    this.#ownerMaps.set(key, open);
    open.catch(() => this.#ownerMaps.delete(key));
    return open;
  }

  async #mountLayers(id: string, { layers, ephemeral }: RootfsOptions, owners?: OwnerMap): Promise<string> {
    const { kernel } = this.#options;
    const folder = this.folder(id);
    const stubs = this.#stubLayers.folder(layers);
    const mount = () =>
      kernel.run("mountRootfs", folder, stubs, {
        layers: this.#lowerdirs(layers),
        volatile: ephemeral,
        ...(owners !== undefined && { owners }),
      });
    await this.#options.layers.attach(layers);
    let path: string | undefined;
    try {
      path = await mount();
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      // A layer is not where it was mounted: somebody else has unmounted it.
      await this.#options.layers.attach(layers, { anew: true });
      path = await mount();
    }
    if (path === undefined) {
      await this.#stubLayers.build(layers);
      path = await mount();
    }
    if (path === undefined) throw fault("internal", `the stub layer ${stubs} is gone as soon as it is made`);
    return path;
  }

  /** Topmost first, as overlayfs counts. */
  #lowerdirs(layers: readonly Digest[]): readonly string[] {
    return layers.map((layer) => this.#options.layers.lowerdir(layer)).toReversed();
  }
}

/** Only some file systems can show other owners. */
function refuseOwners(error: unknown): never {
  throw hasCode(error, "EINVAL") ? fault("invalid", `userns-remap: ${messageOf(error)}`, { cause: error }) : error;
}

/** What a worker can be told: a mounted root has a function as well. */
function bare(root: RootAccess): RootAccess {
  return "path" in root ? { path: root.path } : root;
}

/** Where containers with a user namespace find what is mounted for them, while they start. */
export function mappedPlaces(runRoot: string): string {
  return join(runRoot, "mapped");
}

function isFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/.test(name);
}

function accountFile(path: string, found: FileInRoot | undefined): Uint8Array | undefined {
  if (found === undefined || found.type === "missing") return undefined;
  if (found.type === "read") return found.bytes;
  const limit = found.reason === "too large" ? ` (at most ${maxAccountFile / 1024 / 1024} MiB are read)` : "";
  throw fault("invalid", `cannot read ${path} of the container: ${found.reason}${limit}`);
}
