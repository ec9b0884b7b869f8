import { isFault, messageOf } from "#base";
import { isAnonymous } from "#volume";
import { isPruned } from "../prune.ts";
import type { VolumePruneFilters, VolumePruneResult } from "./verbs.ts";
import type { VolumeNeeds } from "./bind.ts";

/** Removes what no container has: what nobody named and, with `named`, what has a name too. */
export async function pruneVolumes({ volumes, announcer, logger }: VolumeNeeds, filters: VolumePruneFilters): Promise<VolumePruneResult> {
  const deleted: string[] = [];
  let reclaimed = 0;
  const users = volumes.users();
  const meant = volumes
    .all()
    .filter(
      (volume) =>
        !users.has(volume.name) &&
        (filters.named || isAnonymous(volume)) &&
        isPruned(filters, { created: volume.created, labels: volume.labels ?? {} }),
    );
  for (const { name, options } of meant) {
    try {
      const size = options === undefined ? await volumes.store.usage(name) : 0;
      await volumes.remove(name);
      deleted.push(name);
      reclaimed += size;
    } catch (error) {
      // A container took it, or somebody removed it, while this went on.
      if (!isFault(error, "conflict") && !isFault(error, "not-found"))
        logger.warn("volume was not pruned", { volume: name, error: messageOf(error) });
    }
  }
  announcer.announce({ type: "volume", action: "prune", actorId: "", attributes: { reclaimed: String(reclaimed) } });
  return { deleted, reclaimed };
}
