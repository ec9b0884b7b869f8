import { isFault } from "#base";
import type { Image } from "#image";
import { isPruned } from "../prune.ts";
import type { PruneFilters } from "../verbs.ts";
import type { ImagePruneResult, Removed } from "./verbs.ts";
import type { ImageNeeds } from "./needs.ts";
import { remove } from "./remove.ts";
import { storedBytes } from "./stored-bytes.ts";

/** Removes images that no container uses: those without a name, or with `named` the others too. `until` is of when one came or got a name. */
export async function pruneImages(
  needs: ImageNeeds,
  { named, ...filters }: PruneFilters & { readonly named: boolean },
): Promise<ImagePruneResult> {
  const before = await storedBytes(needs);
  const removed: Removed[] = [];
  for (const image of needs.catalog.all()) {
    if (!isMeant(needs, image, named) || !isPruned(filters, { created: image.taggedAt, labels: labelsOf(image) })) continue;
    try {
      removed.push(...(await remove(needs, image.id, { force: true })));
    } catch (error) {
      // A container began to use it meanwhile; the others are pruned all the same.
      if (!isFault(error, "conflict") && !isFault(error, "not-found")) throw error;
    }
  }
  const reclaimed = Math.max(0, before - (await storedBytes(needs)));
  needs.announcer.announce({ type: "image", action: "prune", actorId: "", attributes: { reclaimed: String(reclaimed) } });
  return { removed, reclaimed };
}

function isMeant({ users }: Pick<ImageNeeds, "users">, image: Image, named: boolean): boolean {
  if (!named && image.tags.length + image.digests.length > 0) return false;
  return !users().some((user) => user.image.id === image.id);
}

function labelsOf({ manifests }: Image): Readonly<Record<string, string>> {
  return manifests[0]?.runtime.labels ?? {};
}
