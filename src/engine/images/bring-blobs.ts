import { type Digest, fault, isFault, messageOf, streamOf } from "#base";
import { type Descriptor, type Image, parseReference, type RegistryCall } from "#image";
import { type AddedLayer, packLayer } from "./add-layer.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";

type BringNeeds = Pick<ImageNeeds, "content" | "fetches" | "layerBlobs" | "layers">;

interface BringOptions extends RegistryCall {
  readonly hold: Hold;
}

/** A blob of an image; with a diff id where it is a layer's. */
export interface ImageBlob {
  readonly descriptor: Descriptor;
  readonly diffId?: Digest;
}

/** A layer in another packing than the image's manifest says. */
export type PackedAnew = Omit<AddedLayer, "size">;

/**
 * Makes sure that blobs of an image are here, before somebody is sent them. A layer's may have been dropped, or never fetched because the layer
 * was unpacked already; it comes from the layer's own archive, from where it was seen, or where the image's names say.
 * @throws unavailable, naming the blob that is not to be had
 */
export async function bringBlobs(needs: BringNeeds, image: Image, blobs: readonly Descriptor[], options: BringOptions): Promise<void> {
  // All of them before anything is waited for: a removal may come between any two.
  await Promise.all(blobs.map(({ digest }) => options.hold.take("blob", digest)));
  for (const blob of blobs) {
    if ((await needs.content.stat(blob.digest)) !== undefined) continue;
    const archive = needs.layers.archive?.(blob.digest);
    if (archive === undefined) await fetchFromOrigin(needs, image, blob, options);
    else await needs.content.ingest(blob, streamOf(archive), { signal: options.signal });
    needs.layerBlobs.arrived(blob.digest);
  }
}

/** As bringBlobs, but a layer that is here goes without its blob. False then: it can be packed anew. */
export async function isToBeHad(
  needs: BringNeeds,
  image: Image,
  { descriptor, diffId }: ImageBlob,
  options: BringOptions,
): Promise<boolean> {
  try {
    await bringBlobs(needs, image, [descriptor], options);
    return true;
  } catch (error) {
    options.signal.throwIfAborted();
    if (diffId === undefined || !isFault(error, "unavailable") || !(await needs.layers.has(diffId))) throw error;
    return false;
  }
}

/** Compresses a layer, of its archive where that is kept: then it has the diff id that it had. */
export async function packAnew(
  needs: Pick<ImageNeeds, "catalog" | "content" | "inflater" | "layerTar" | "spool" | "users">,
  layer: Digest,
  options: Pick<BringOptions, "hold" | "signal">,
): Promise<PackedAnew> {
  await options.hold.take("layer", layer);
  return await packLayer(needs, streamOf(needs.layerTar(layer)), options);
}

/** A blob from where an image's names say. @throws unavailable, with what the last of them said */
export async function fetchFromOrigin(
  { fetches, layerBlobs }: Pick<ImageNeeds, "fetches" | "layerBlobs">,
  image: Image,
  blob: Descriptor,
  { credentials, signal }: RegistryCall,
): Promise<void> {
  const call = { ...(credentials !== undefined && { credentials }), signal };
  let reason: unknown = "the image has no name that says where it is from";
  const named = image.digests.map((name) => parseReference(name));
  const seen = layerBlobs.origins(blob.digest);
  const unseen = named.filter(({ domain, path }) => !seen.some((origin) => origin.domain === domain && origin.path === path));
  for (const origin of [...seen, ...unseen]) {
    try {
      await fetches.fetch(origin, blob, call);
      return;
    } catch (error) {
      signal.throwIfAborted();
      reason = messageOf(error);
    }
  }
  throw fault("unavailable", `content ${blob.digest} of image ${image.id} is not here and cannot be fetched again: ${String(reason)}`);
}
