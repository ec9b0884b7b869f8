// save: all blobs of the images that were asked for, as a tar that is written while it is read. Blobs go out as they lie in the content
// store, so every digest stays what it was.
import { type Digest, fault, isFault, messageOf } from "#base";
import {
  blobPath,
  byteStringOfText,
  type Descriptor,
  layoutFiles,
  type Platform,
  type SavedImage,
  tarEnd,
  tarHeader,
  tarPadding,
} from "#image";
import { announceImage } from "./announce.ts";
import { blobsOf } from "./blobs-of.ts";
import { bringBlobs } from "./bring-blobs.ts";
import { findImage, type Found, manifestFor } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";
import { sweep } from "./sweep.ts";

interface SaveOptions {
  readonly platform?: Platform;
  readonly signal: AbortSignal;
}

/** The archive in pieces. Whatever can be known before is thrown by the first `next`. @throws not-found, unavailable */
export async function* save(needs: ImageNeeds, names: readonly string[], options: SaveOptions): AsyncGenerator<Uint8Array> {
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  const found = names.map((name) => findImage(needs.catalog, name));
  const images: SavedImage[] = [];
  const blobs = new Map<Digest, Descriptor>();
  for (const [index, image] of found.entries()) {
    const chosen = choose(image, names[index] ?? "", options.platform);
    await bringBlobs(needs, image.image, chosen.blobs, { hold, signal: options.signal });
    for (const blob of chosen.blobs) blobs.set(blob.digest, blob);
    images.push(chosen.saved);
  }
  yield* archive(needs, images, [...blobs.values()], options.signal);
  for (const { target } of images) announceImage(needs.announcer, "save", { actorId: target.digest, name: target.digest });
}

/** What of an image goes into the archive: all that is here, or the manifest of one platform. */
function choose(found: Found, text: string, platform: Platform | undefined): { readonly saved: SavedImage; readonly blobs: Descriptor[] } {
  const { image, reference } = found;
  const manifest = manifestOf(found, text, platform);
  const target = platform === undefined ? image.target : manifest.descriptor;
  const manifests = platform === undefined ? image.manifests : [manifest];
  const layers = manifest.layers.map(({ digest }) => digest);
  const name = reference?.digest === undefined && reference?.tag !== undefined ? { name: reference } : {};
  return {
    saved: { target, manifest: { digest: manifest.descriptor.digest, config: manifest.configDigest, layers }, ...name },
    blobs: [target, ...manifests.flatMap(blobsOf)],
  };
}

function manifestOf(found: Found, text: string, platform: Platform | undefined): ReturnType<typeof manifestFor> {
  try {
    return manifestFor(found, text, platform);
  } catch (error) {
    throw isFault(error, "not-found")
      ? fault("not-found", `no suitable export target found: ${messageOf(error)}`, { cause: error })
      : error;
  }
}

const folderMode = 0o755;
/** Blobs do not change, and Docker marks them so. */
const blobMode = 0o444;
const fileMode = 0o644;

async function* archive(
  { content }: Pick<ImageNeeds, "content">,
  images: readonly SavedImage[],
  blobs: readonly Descriptor[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const name = byteStringOfText;
  if (blobs.length > 0)
    for (const folder of ["blobs/", "blobs/sha256/"]) yield tarHeader({ type: "directory", name: name(folder), mode: folderMode });
  for (const { digest, size } of blobs.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))) {
    yield tarHeader({ type: "file", name: name(blobPath(digest)), mode: blobMode, size });
    for await (const piece of await content.open(digest)) {
      signal.throwIfAborted();
      yield piece;
    }
    yield tarPadding(size);
  }
  for (const [file, bytes] of layoutFiles(images)) {
    yield tarHeader({ type: "file", name: name(file), mode: file === "oci-layout" ? blobMode : fileMode, size: bytes.length });
    yield bytes;
    yield tarPadding(bytes.length);
  }
  yield tarEnd();
}
