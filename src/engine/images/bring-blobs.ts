import { fault, messageOf } from "#base";
import { type Descriptor, type Image, parseReference, type RegistryCall } from "#image";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";

/**
 * Makes sure that blobs of an image are here, before somebody is sent them. A layer that was unpacked already when the image was pulled was
 * never fetched; its blob comes from where it was seen, or where the image's names say.
 * @throws unavailable, naming the blob that is not to be had
 */
export async function bringBlobs(
  needs: Pick<ImageNeeds, "content" | "fetches" | "layerBlobs">,
  image: Image,
  blobs: readonly Descriptor[],
  options: RegistryCall & { readonly hold: Hold },
): Promise<void> {
  // All of them before anything is waited for: a removal may come between any two.
  await Promise.all(blobs.map(({ digest }) => options.hold.take("blob", digest)));
  for (const blob of blobs) {
    if ((await needs.content.stat(blob.digest)) === undefined) await fetchFromOrigin(needs, image, blob, options);
  }
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
