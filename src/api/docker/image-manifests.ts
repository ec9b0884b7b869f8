import { isFault } from "#base";
import type { ListedContainer, Verbs } from "#engine";
import type { ManifestFacts } from "./views/container.ts";

/** Manifests of any number of containers: each is looked up once. */
export function manifestsOf(verbs: Pick<Verbs, "images">): (listed: ListedContainer) => ManifestFacts | undefined {
  const known = new Map<string, ManifestFacts | undefined>();
  return ({ container }) => {
    const { id, manifest } = container.image;
    if (!known.has(manifest)) known.set(manifest, findManifest(verbs, id, manifest));
    return known.get(manifest);
  };
}

function findManifest(verbs: Pick<Verbs, "images">, image: string, digest: string): ManifestFacts | undefined {
  try {
    return verbs.images.get(image).image.manifests.find((manifest) => manifest.descriptor.digest === digest);
  } catch (error) {
    // The image may have been removed since.
    if (isFault(error, "not-found")) return undefined;
    throw error;
  }
}
