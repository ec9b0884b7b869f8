// A data root of its own with the stores over it, gone with everything in it when disposed.
import { Kernel } from "#linux";
import { DirectoryContentStore, FolderLayerStore, StoreSettler, StoreThreads, Trash, type WantedDriver } from "#store";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StorePlace extends AsyncDisposable {
  /** A folder around the data root, for what must not be touched. */
  readonly around: string;
  readonly dataRoot: string;
  readonly kernel: Kernel;
  readonly trash: Trash;
  readonly threads: StoreThreads;
  /** Of stores that are open. */
  openSettler(): StoreSettler;
  openContent(): Promise<DirectoryContentStore>;
  /** Layers are trees unless another driver is wanted. @throws when it is not to be had */
  openLayers(driver?: WantedDriver): Promise<FolderLayerStore>;
}

export async function makeStorePlace(above = tmpdir()): Promise<StorePlace> {
  const around = await mkdtemp(join(above, "gantry-store-"));
  const dataRoot = join(around, "data");
  await mkdir(dataRoot);
  const kernel = new Kernel();
  const trash = new Trash({ folder: join(dataRoot, "trash"), kernel });
  const threads = new StoreThreads({ threads: 2 });
  const mounts = join(around, "l");
  return {
    around,
    dataRoot,
    kernel,
    trash,
    threads,
    openSettler: () => new StoreSettler(threads, [join(dataRoot, "content"), join(dataRoot, "layers")]),
    openContent: () => DirectoryContentStore.open({ folder: join(dataRoot, "content"), trash, threads }),
    openLayers: (wanted = { driver: "directory" }) =>
      FolderLayerStore.open({ folder: join(dataRoot, "layers"), mounts, kernel, trash, threads, wanted }),
    [Symbol.asyncDispose]: async () => {
      await trash.idle();
      await threads[Symbol.asyncDispose]();
      for (const name of await kernel.run("listFolders", mounts)) await kernel.run("unmountSealed", join(mounts, name));
      await kernel[Symbol.asyncDispose]();
      await rm(around, { recursive: true });
    },
  };
}
