import { type Descriptor, isIndexType, maxManifestSize, parseManifest } from "#image";
import { findImage } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";

/** What an image's index names, in its order, here or not; of an image without an index its manifest alone. @throws not-found */
export async function entries({ catalog, content }: Pick<ImageNeeds, "catalog" | "content">, text: string): Promise<readonly Descriptor[]> {
  const { target } = findImage(catalog, text).image;
  if (!isIndexType(target.mediaType)) return [target];
  const document = parseManifest(await content.read(target.digest, maxManifestSize), target.mediaType);
  return document.kind === "index" ? document.manifests : [target];
}
