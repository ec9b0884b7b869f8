import { mkdir, statfs } from "node:fs/promises";
import { newId, type Logger, type Place, type Digest, type Table } from "#base";
import type { LayerBlobRow } from "#engine";
import { ThreadContainerFiles, ThreadInflater } from "#files";
import type { Kernel } from "#linux";
import {
  DirectoryArchiveSpool,
  DirectoryContentStore,
  FolderLayerStore,
  mappedPlaces,
  FileEventJournal,
  OverlayRootfsStore,
  ReserveFile,
  StateDatabase,
  StoreSettler,
  StoreThreads,
  DirectoryVolumeStore,
  Trash,
  type WantedDriver,
} from "#store";

interface StoreNeeds {
  readonly kernel: Kernel;
  /** For what callers name, which may hang. */
  readonly foreign: Kernel;
  readonly logger: Logger;
  readonly layerDriver: WantedDriver;
  readonly held: AsyncDisposableStack;
}

/** What the data root holds. */
export interface Stores {
  readonly database: StateDatabase;
  readonly content: DirectoryContentStore;
  readonly layers: FolderLayerStore;
  readonly settler: StoreSettler;
  readonly layerBlobTable: Table<LayerBlobRow>;
  readonly spool: DirectoryArchiveSpool;
  readonly rootfs: OverlayRootfsStore;
  readonly inflater: ThreadInflater;
  readonly files: ThreadContainerFiles;
  readonly volumes: DirectoryVolumeStore;
  readonly journal: FileEventJournal;
  /** A layer as a tar, of what lies on disk. */
  layerTar(diffId: Digest): AsyncIterable<Uint8Array>;
  /** Bytes of the disk that it lies on. */
  disk(): Promise<{ readonly free: number; readonly whole: number }>;
}

/** Opens what the data root holds. What must be closed is held. */
export async function openStores(place: Place, { kernel, foreign, logger, layerDriver, held }: StoreNeeds): Promise<Stores> {
  const { dataRoot, runRoot } = place;
  // What a start tries out on the disk needs a few blocks of it.
  new ReserveFile(`${dataRoot}/reserve`).giveWhenFull();
  const mapped = await kernel.run("emptyPlaces", mappedPlaces(runRoot));
  // Made while there is room for it.
  await mkdir(`${dataRoot}/trash`, { recursive: true, mode: 0o700 });
  const trash = new Trash({ folder: `${dataRoot}/trash`, kernel });
  const threads = held.use(new StoreThreads());
  const [database, content, layers, journal] = await Promise.all([
    StateDatabase.open({ path: `${dataRoot}/state.db`, reserve: `${dataRoot}/reserve` }),
    DirectoryContentStore.open({ folder: `${dataRoot}/content`, trash, threads }),
    FolderLayerStore.open({ folder: `${dataRoot}/layers`, mounts: `${runRoot}/l`, kernel, trash, threads, wanted: layerDriver }),
    FileEventJournal.open({ folder: dataRoot, logger }),
  ]);
  const settler = new StoreSettler(threads, [`${dataRoot}/content`, `${dataRoot}/layers`]);
  held.use(database);
  held.use(journal);
  const spool = await DirectoryArchiveSpool.open({ folder: `${dataRoot}/content/spool` });
  const rootfs = new OverlayRootfsStore({ dataRoot, runRoot, layers, kernel, trash, mapped });
  const volumes = new DirectoryVolumeStore({ dataRoot, kernel, foreign, trash });
  const inflater = held.use(new ThreadInflater());
  const files = held.use(new ThreadContainerFiles(inflater));
  const layerTar: Stores["layerTar"] = (diffId) =>
    layers.archive(diffId) ?? files.storedLayer(layers.lowerdir(diffId), layers.implied(diffId));
  const layerBlobTable = database.table<LayerBlobRow>("layer_blob");
  const disk: Stores["disk"] = async () => {
    const { bavail, blocks, bsize } = await statfs(dataRoot);
    return { free: bavail * bsize, whole: blocks * bsize };
  };
  return { database, content, layers, settler, layerBlobTable, layerTar, disk, journal, spool, rootfs, volumes, inflater, files };
}

/** The engine's own id: made once for a data root. */
export async function identity(database: StateDatabase): Promise<string> {
  const table = database.table<{ readonly id: string }>("engine");
  const [row] = await table.load();
  if (row !== undefined) return row.id;
  const id = `${newId().slice(0, 8)}-${newId().slice(0, 4)}-${newId().slice(0, 4)}-${newId().slice(0, 4)}-${newId().slice(0, 12)}`;
  await table.put("identity", { id }, "durable");
  return id;
}
