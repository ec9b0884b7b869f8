import type { ImageHistory } from "./verbs.ts";
import type { Platform } from "#image";
import { findImage, nearestManifest } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";

/** How an image of one platform came to be, newest step first. @throws not-found, also when the image lacks the platform */
export async function history(
  { catalog, layers }: Pick<ImageNeeds, "catalog" | "layers">,
  text: string,
  platform?: Platform,
): Promise<ImageHistory> {
  const found = findImage(catalog, text);
  const { diffIds, history: steps } = nearestManifest(found, text, platform);
  const sizes = new Map((await layers.list()).map(({ diffId, size }) => [diffId, size]));
  let layer = 0;
  const sized = steps.map((step) => {
    const diffId = step.emptyLayer ? undefined : diffIds[layer++];
    return { step, size: diffId === undefined ? 0 : (sizes.get(diffId) ?? 0) };
  });
  return { image: found.image, steps: sized.toReversed() };
}
