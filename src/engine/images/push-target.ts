// Which part of an image a push sends. An index can only be sent with everything that it names; where that is not here one image of it goes.
import { fault } from "#base";
import {
  type Descriptor,
  formatFamiliar,
  formatPlatform,
  type Image,
  type ImageManifest,
  isIndexType,
  maxManifestSize,
  parseManifest,
  type Platform,
  platformMatches,
  type Reference,
} from "#image";
import { blobsOf } from "./blobs-of.ts";
import type { ImageBlob } from "./bring-blobs.ts";
import type { ImageNeeds } from "./needs.ts";

export interface Pushed {
  /** What the name will stand for. */
  readonly target: Descriptor;
  /** The index that could not be sent. */
  readonly insteadOf?: Descriptor;
  readonly manifests: readonly ImageManifest[];
  readonly blobs: readonly ImageBlob[];
}

/** @throws not-found when the image has no such platform; conflict when several fit and none is asked for, in Docker's sentences */
export async function choosePushed(
  needs: Pick<ImageNeeds, "content" | "platform">,
  image: Image,
  { reference, platform }: { readonly reference: Reference; readonly platform: Platform | undefined },
): Promise<Pushed> {
  const { target, manifests } = image;
  if (platform !== undefined) {
    const chosen = manifests.find((manifest) => platformMatches(platform, manifest.platform));
    if (chosen !== undefined) return parts(chosen.descriptor, [chosen]);
    const lacks = `was found but does not provide the specified platform (${formatPlatform(platform)})`;
    throw fault("not-found", `image with reference ${formatFamiliar(reference)} ${lacks}`);
  }
  if (!isIndexType(target.mediaType) || (await isWhole(needs, image))) return parts(target, manifests);
  const chosen = manifests.length === 1 ? manifests[0] : manifests.find((manifest) => platformMatches(needs.platform, manifest.platform));
  if (chosen === undefined) throw fault("conflict", "multiple matching manifests found but no specific platform requested");
  return { ...parts(chosen.descriptor, [chosen]), insteadOf: target };
}

/** True when everything that the index names is here. */
async function isWhole({ content }: Pick<ImageNeeds, "content">, { target, manifests }: Image): Promise<boolean> {
  const document = parseManifest(await content.read(target.digest, maxManifestSize), target.mediaType);
  if (document.kind !== "index") return false;
  return document.manifests.every(({ digest }) => manifests.some(({ descriptor }) => descriptor.digest === digest));
}

function parts(target: Descriptor, manifests: readonly ImageManifest[]): Pushed {
  return { target, manifests, blobs: manifests.flatMap(packedBlobs) };
}

/** Its layers and its config. */
export function packedBlobs(manifest: ImageManifest): readonly ImageBlob[] {
  const [, config, ...layers] = blobsOf(manifest);
  const packed = layers.map((descriptor, index) => ({ descriptor, diffId: manifest.diffIds[index] ?? descriptor.digest }));
  return [...packed, ...(config === undefined ? [] : [{ descriptor: config }])];
}
