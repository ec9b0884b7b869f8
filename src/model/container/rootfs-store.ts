import type { Digest, UserMapping } from "#base";
import type { RootfsLayers } from "./container-files.ts";

/** A mounted root. Disposing detaches it from the host; a created container keeps its own copy of the mount. */
export interface MountedRootfs extends AsyncDisposable {
  /** Absolute path on the host, valid until disposed. */
  readonly path: string;
  /** Where the container's root may see these files and folders of the engine's, as its own, until this is disposed. */
  show(sources: readonly string[]): Promise<readonly string[]>;
}

/** An image's layers as one tree that nobody writes to, at a path on the host until it is disposed. */
export type OpenedImage = Omit<MountedRootfs, "show">;

/** Attributes and bytes of small files that the engine puts over an image's own (`/etc/hosts` and kin). */
export interface RootfsOptions {
  /** Lowest first. */
  readonly layers: readonly Digest[];
  /** No promise beyond a power cut (`--rm`): mounted `volatile`, never synced. */
  readonly ephemeral: boolean;
  /** Bytes that the container may write; `create` takes it. */
  readonly size?: number;
  /** With it the mounted files belong to whom these numbers say; on disk nothing is different. */
  readonly owners?: UserMapping;
}

/** One passwd or group record of the root, found without leaving it. */
export interface UserLookup {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/**
 * The writable tree of each container over its image's layers.
 *
 * `create` makes the container's folder with upper and work; it is idempotent. @throws internal for a `size` where no quotas are enforced `mount` gives the whole tree; it may be called again
 * after a crash. `remove` is one rename into the trash; bytes go behind the reply. `lookupUser` reads /etc/passwd and
 * /etc/group of a mounted root (or of a live process's root) without following anything out of it: regular files only, at most 10 MiB,
 * numbers are never names, 0 to 2^31-1. `usage` counts the blocks of what the container wrote over its layers, as du(1) does, in slices: a tree of
 * any size holds nobody up, and one that changes meanwhile is counted as it was met. @throws not-found when there is no such container
 * `resolve` tells where paths lead by the way of the root's links, without going there.
 * `makeDirectory` makes a working directory as the image's owner would see it.
 */
export interface RootfsStore {
  create(id: string, options: RootfsOptions): Promise<void>;
  mount(id: string, options: RootfsOptions): Promise<MountedRootfs>;
  /**
   * The tree of an image at a place of its own in the container's folder, read-only, or what lies at `subpath` in it. `slot` tells several apart.
   * @throws not-found when there is nothing at the subpath
   */
  openImage(id: string, slot: number, image: { readonly layers: readonly Digest[]; readonly subpath?: string }): Promise<OpenedImage>;
  /** Folder of the container's own files (config.json, log, hosts...), made by `create`. */
  folder(id: string): string;
  /** Where the layers lie, for whoever reads them without mounting them. */
  layers(id: string, layers: readonly Digest[]): Promise<RootfsLayers>;
  remove(id: string): Promise<void>;
  /** Bytes on disk of the container's own layer. */
  usage(id: string): Promise<number>;
  /** Ids that have a folder, for finding debris. */
  list(): Promise<readonly string[]>;
  /** @throws invalid with Docker's text, e.g. "unable to find user x: no matching entries in passwd file" */
  lookupUser(root: RootAccess, user: string, groupAdd: readonly string[]): Promise<UserLookup>;
  /** @throws invalid when links go in a circle */
  resolve(root: RootAccess, paths: readonly string[]): Promise<readonly string[]>;
  makeDirectory(root: RootAccess, path: string, owner: UserLookup): Promise<void>;
  /** Memory of the size that several containers see as their /dev/shm: the path where it is mounted until `closeSharedMemory`. Both are idempotent. */
  openSharedMemory(id: string, size: number): Promise<string>;
  closeSharedMemory(id: string): Promise<void>;
  /** Writes a small file of the engine into the container's folder, atomically. */
  writeFile(id: string, name: string, bytes: Uint8Array, mode: number): Promise<string>;
}

/** A root to look into: a mounted tree, or a live process's own. */
export type RootAccess = { readonly path: string } | { readonly pid: number };
