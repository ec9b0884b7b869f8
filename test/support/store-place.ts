// A data root of its own with the stores over it, gone with everything in it when disposed.
import { Kernel } from "#linux";
import { DirectoryContentStore, DirectoryLayerStore, StoreThreads, Trash } from "#store";
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
  openContent(): Promise<DirectoryContentStore>;
  openLayers(): Promise<DirectoryLayerStore>;
}

export async function makeStorePlace(): Promise<StorePlace> {
  const around = await mkdtemp(join(tmpdir(), "gantry-store-"));
  const dataRoot = join(around, "data");
  await mkdir(dataRoot);
  const kernel = new Kernel();
  const trash = new Trash({ folder: join(dataRoot, "trash"), kernel });
  const threads = new StoreThreads({ threads: 2 });
  return {
    around,
    dataRoot,
    kernel,
    trash,
    threads,
    openContent: () => DirectoryContentStore.open({ folder: join(dataRoot, "content"), trash, threads }),
    openLayers: () => DirectoryLayerStore.open({ folder: join(dataRoot, "layers"), trash, threads }),
    [Symbol.asyncDispose]: async () => {
      await trash.idle();
      await threads[Symbol.asyncDispose]();
      await kernel[Symbol.asyncDispose]();
      await rm(around, { recursive: true });
    },
  };
}
