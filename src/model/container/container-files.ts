import type { ByteString, TarTime } from "#image";

/** Layers of a container as they lie on disk, topmost first; the first is what the container wrote. */
export interface RootfsLayers {
  readonly upperdir: string;
  readonly workdir: string;
  readonly lowerdirs: readonly string[];
  /** A folder of the container's own that may be made for an instant. */
  readonly place: string;
}

/** Something of the host's that is seen at a path of a container. */
export interface ShownSource {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Which tree is meant: what a live process sees, or the layers of a container without one. */
export type TreeAccess =
  | { readonly kind: "live"; readonly id: string; readonly pid: number }
  | {
      readonly kind: "still";
      readonly layers: RootfsLayers;
      readonly mounts: readonly ShownSource[];
      readonly readOnly: boolean;
    };

/** What is at a path; of a link the link itself. */
export interface PathStatus {
  readonly name: string;
  readonly size: number;
  /** As stat(2) has it, with the type. */
  readonly mode: number;
  readonly mtime: TarTime;
  /** Where a link leads in the end, by the container's own root; empty for what is no link. */
  readonly linkTarget: string;
}

/** A difference between a container and its image. */
export interface FileChange {
  readonly path: string;
  readonly kind: "modified" | "added" | "deleted";
}

export interface ExtractOptions {
  /** A directory does not give way to what is none, nor the other way round. */
  readonly keepKinds: boolean;
  /** Whose everything becomes; absent: as the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The directory itself becomes what the archive says of it; else it stays as it is. */
  readonly takesOwn?: boolean;
}

/** A tar on its way out; whoever does not read it to its end returns it. */
export interface PathArchive {
  readonly status: PathStatus;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Files in and out of containers. Paths are the container's, and links on them lead where its own processes would get: never out of the
 * tree, whatever somebody in it renames meanwhile. Nothing of the tree is run, and no device or FIFO of it is opened. Bytes come as they are
 * asked for: a slow reader holds nobody up.
 * @throws not-found with the path when there is nothing; unavailable when the process has ended, or what is mounted there does not answer
 */
export interface ContainerFiles {
  status(tree: TreeAccess, path: string): Promise<PathStatus>;
  /** The file, or the directory with all in it, named by the last component of the path. Sockets are left out. */
  read(tree: TreeAccess, path: string): Promise<PathArchive>;
  /**
   * Writes what a tar holds (plain, gzip or zstd) into the directory at the path; what fails in the middle leaves what was written until then.
   * @throws invalid for what is no directory, an archive that is none, or names that leave the directory; denied where nothing may be written
   */
  extract(tree: TreeAccess, path: string, archive: AsyncIterable<Uint8Array>, options: ExtractOptions): Promise<void>;
  /** The container's own tree, without what is mounted into it. */
  export(layers: RootfsLayers): AsyncIterable<Uint8Array>;
  /** What the container wrote, as a layer over its image: what it removed is marked as the OCI image spec has it. @throws invalid for names that are such marks */
  layer(layers: RootfsLayers): AsyncIterable<Uint8Array>;
  /** A layer of an image as it lies on disk, but for the folders that it only implies. */
  storedLayer(folder: string, implied: readonly ByteString[]): AsyncIterable<Uint8Array>;
  /** A folder of the engine's with all in it, named from itself ("./", "./a"). Sockets are left out. */
  readFolder(folder: string): Promise<AsyncIterable<Uint8Array>>;
  /** Writes what a tar holds into a folder of the engine's, as `extract` does; the folder itself becomes what the archive says of "./". */
  fillFolder(folder: string, archive: AsyncIterable<Uint8Array>): Promise<void>;
  /** By path. What the container has only looked at is none. */
  changes(layers: RootfsLayers): Promise<readonly FileChange[]>;
}
