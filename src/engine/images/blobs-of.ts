import type { Descriptor, ImageManifest } from "#image";

/** Every blob of an image of one platform: its manifest, its config, its layers. The config has no type here: only the manifest says it. */
export function blobsOf({ descriptor, configDigest, layers, contentSize }: ImageManifest): readonly Descriptor[] {
  const packed = layers.reduce((sum, layer) => sum + layer.size, 0);
  const configSize = Math.max(0, contentSize - descriptor.size - packed);
  return [descriptor, { mediaType: "application/octet-stream", digest: configDigest, size: configSize }, ...layers];
}
