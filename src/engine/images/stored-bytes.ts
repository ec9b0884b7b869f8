import { blobsOf } from "./blobs-of.ts";
import type { ImageNeeds } from "./needs.ts";

/** Bytes of all that images keep, each blob and each layer counted once. From the records, not from the disk; what was dropped counts not. */
export async function storedBytes({ catalog, layers, layerBlobs }: Pick<ImageNeeds, "catalog" | "layers" | "layerBlobs">): Promise<number> {
  const blobs = new Map<string, number>();
  for (const { target, manifests } of catalog.all()) {
    blobs.set(target.digest, target.size);
    for (const blob of manifests.flatMap(blobsOf)) if (!layerBlobs.isSpared(blob.digest)) blobs.set(blob.digest, blob.size);
  }
  const unpacked = (await layers.list()).reduce((sum, layer) => sum + layer.size, 0);
  return [...blobs.values()].reduce((sum, size) => sum + size, unpacked);
}
