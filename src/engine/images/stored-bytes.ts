import type { ImageManifest } from "#image";
import type { ImageNeeds } from "./needs.ts";

/** Bytes of all that images keep, each blob and each layer counted once. From the records, not from the disk. */
export async function storedBytes({ catalog, layers }: Pick<ImageNeeds, "catalog" | "layers">): Promise<number> {
  const blobs = new Map<string, number>();
  for (const { target, manifests } of catalog.all()) {
    blobs.set(target.digest, target.size);
    for (const manifest of manifests) addBlobs(blobs, manifest);
  }
  const unpacked = (await layers.list()).reduce((sum, layer) => sum + layer.size, 0);
  return [...blobs.values()].reduce((sum, size) => sum + size, unpacked);
}

function addBlobs(blobs: Map<string, number>, { descriptor, configDigest, layers, contentSize }: ImageManifest): void {
  const compressed = layers.reduce((sum, layer) => sum + layer.size, 0);
  blobs.set(descriptor.digest, descriptor.size);
  blobs.set(configDigest, Math.max(0, contentSize - descriptor.size - compressed));
  for (const layer of layers) blobs.set(layer.digest, layer.size);
}
