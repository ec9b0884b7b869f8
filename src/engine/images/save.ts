// save: all blobs of the images that were asked for, as a tar that is written while it is read. Blobs go out as they lie in the content
// store, so every digest stays what it was, unless a layer's blob is nowhere any more.
import { type Digest, fault, isFault, messageOf } from "#base";
import {
  blobPath,
  byteStringOfText,
  type Descriptor,
  type Image,
  type ImageManifest,
  layoutFiles,
  type Platform,
  type SavedImage,
  tarEnd,
  tarHeader,
  tarPadding,
} from "#image";
import { announceImage } from "./announce.ts";
import { blobsOf } from "./blobs-of.ts";
import { type ImageBlob, isToBeHad, packAnew, type PackedAnew } from "./bring-blobs.ts";
import { findImage, type Found, manifestFor } from "./find.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { packedBlobs } from "./push-target.ts";
import { rewriteImage } from "./rewrite-image.ts";
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
    const { target, manifests } = await whole(needs, image.image, chosen, { hold, signal: options.signal });
    for (const blob of [target, ...manifests.flatMap(blobsOf)]) blobs.set(blob.digest, blob);
    const [manifest] = manifests.slice(chosen.manifests.indexOf(chosen.shown));
    if (manifest !== undefined) images.push({ target, manifest: savedManifest(manifest), ...chosen.name });
  }
  yield* archive(needs, images, [...blobs.values()], options.signal);
  for (const { target } of images) announceImage(needs.announcer, "save", { actorId: target.digest, name: target.digest });
}

interface Chosen {
  readonly target: Descriptor;
  readonly manifests: readonly ImageManifest[];
  /** The one of them that readers of Docker's old format see. */
  readonly shown: ImageManifest;
  readonly name: Pick<SavedImage, "name">;
}

/** What of an image goes into the archive: all that is here, or the manifest of one platform. */
function choose(found: Found, text: string, platform: Platform | undefined): Chosen {
  const { image, reference } = found;
  const shown = manifestOf(found, text, platform);
  const name = reference?.digest === undefined && reference?.tag !== undefined ? { name: reference } : {};
  if (platform !== undefined) return { target: shown.descriptor, manifests: [shown], shown, name };
  return { target: image.target, manifests: image.manifests, shown, name };
}

/** The same with every blob here. Layers whose blobs nobody has any more are compressed anew, and then the documents are others. */
async function whole(
  needs: ImageNeeds,
  image: Image,
  { target, manifests }: Chosen,
  options: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<Pick<Chosen, "target" | "manifests">> {
  const anew = new Map<Digest, PackedAnew>();
  const documents = [target, ...manifests.map(({ descriptor }) => descriptor)].map((descriptor) => ({ descriptor }));
  const blobs: readonly ImageBlob[] = [...documents, ...manifests.flatMap(packedBlobs)];
  // All of them before anything is waited for: a removal may come between any two.
  await Promise.all(blobs.map(({ descriptor }) => options.hold.take("blob", descriptor.digest)));
  for (const blob of blobs)
    if (!(await isToBeHad(needs, image, blob, options)))
      anew.set(blob.descriptor.digest, await packAnew(needs, blob.diffId ?? blob.descriptor.digest, options));
  return await rewriteImage(needs, { target, manifests }, { ...options, anew });
}

function savedManifest({ descriptor, configDigest, layers }: ImageManifest): SavedImage["manifest"] {
  return { digest: descriptor.digest, config: configDigest, layers: layers.map(({ digest }) => digest) };
}

function manifestOf(found: Found, text: string, platform: Platform | undefined): ImageManifest {
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
