import type { Digest } from "#base";
import type { Descriptor } from "./descriptor.ts";
import { mediaTypes } from "./media-types.ts";

/** The id of an image: the digest of what its name points at, an index or a manifest. The only place that decides it. */
export function imageId(target: Descriptor): Digest {
  return target.digest;
}

/**
 * The manifest of an image that came without one (a Docker archive): Docker schema 2 over the layers as they lie in the archive,
 * compact JSON in this order of fields, so that the same archive gets the same id here as in a Docker with the containerd image store.
 */
export function dockerManifest(
  config: { readonly digest: Digest; readonly size: number },
  layers: readonly Descriptor[],
): Uint8Array<ArrayBuffer> {
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
  return new TextEncoder().encode(JSON.stringify(document));
}
