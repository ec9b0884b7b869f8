/** What is found where volumes lie. */
export interface FoundVolume {
  readonly name: string;
  /** Its row was never committed: nobody was told of it. */
  readonly isNew: boolean;
}

/** A folder within a volume, shown at a path of its own. Disposing takes it from there; a created container keeps its own copy. */
export interface OpenedSubpath extends AsyncDisposable {
  readonly path: string;
}

/** Where a volume's first content comes from: a folder of a mounted root. */
export interface FillSource {
  readonly root: string;
  readonly path: string;
}

/**
 * The folders of volumes.
 *
 * `make` is idempotent and leaves a mark that the volume is new, which `settle` takes away once its row is committed: what has the mark and no row
 * after a crash was never anybody's. `discard` is one rename into the trash. `fill` copies a folder into a volume that is empty, and does nothing
 * to one that is not: all of it appears at once, or, when `isShared` (somebody may look meanwhile), file by file. It answers "file" when the
 * source is no folder, and leaves the volume alone. No link leads out of the source or out of the volume.
 * `mountDevice` mounts what the options name over the folder unless that is done; `unmountDevice` undoes it and is idempotent.
 * `openSubpath` follows no link out of the volume. @throws invalid when there is no such folder, internal when the kernel refuses a mount
 */
export interface VolumeStore {
  /** Folder of all volumes. */
  readonly root: string;
  path(name: string): string;
  make(name: string): Promise<void>;
  settle(name: string): Promise<void>;
  discard(name: string): Promise<void>;
  list(): Promise<readonly FoundVolume[]>;
  fill(name: string, source: FillSource, isShared: boolean): Promise<"done" | "file">;
  /**
   * As `fill` of one that nobody looks at, with whatever `write` puts into the folder that it is given; on disk when it resolves. Nothing stays
   * of a `write` that throws. @throws conflict when the volume is not empty
   */
  fillWith(name: string, write: (folder: string) => Promise<void>): Promise<void>;
  /** Copies what lies in a folder, and the folder's own attributes, into another that is empty; by reference where the file system can. */
  copy(from: string, to: string): Promise<void>;
  /** One rename, on disk when it resolves. There must be no volume of the other name. */
  rename(name: string, to: string): Promise<void>;
  /** Bytes that the files in it say they have, as Docker counts. */
  usage(name: string): Promise<number>;
  mountDevice(name: string, options: Readonly<Record<string, string>>): Promise<void>;
  unmountDevice(name: string): Promise<void>;
  openSubpath(name: string, subpath: string, place: string): Promise<OpenedSubpath>;
}
