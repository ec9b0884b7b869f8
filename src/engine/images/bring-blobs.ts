import { fault, messageOf } from "#base";
import { type Descriptor, type Image, parseReference } from "#image";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";

/**
 * Makes sure that blobs of an image are here, before somebody is sent them. A layer that was unpacked already when the image was pulled was
 * never fetched; its blob comes from where the image's names say.
 * @throws unavailable, naming the blob that is not to be had
 */
export async function bringBlobs(
  needs: Pick<ImageNeeds, "content" | "fetches">,
  image: Image,
  blobs: readonly Descriptor[],
  options: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<void> {
  for (const blob of blobs) {
    await options.hold.take("blob", blob.digest);
    if ((await needs.content.stat(blob.digest)) === undefined) await fetchFromOrigin(needs, image, blob, options.signal);
  }
}

/** A blob from where an image's names say. @throws unavailable, with what the last of them said */
export async function fetchFromOrigin(
  { fetches }: Pick<ImageNeeds, "fetches">,
  image: Image,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<void> {
  let reason: unknown = "the image has no name that says where it is from";
  for (const name of image.digests) {
    try {
      await fetches.fetch(parseReference(name), blob, { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      reason = messageOf(error);
    }
  }
  throw fault("unavailable", `content ${blob.digest} of image ${image.id} is not here and cannot be fetched again: ${String(reason)}`);
}
