import { messageOf } from "#base";
import { isActive } from "#container";
import { isPruned } from "../prune.ts";
import type { ContainerPruneResult, PruneFilters } from "../verbs.ts";
import type { ContainerNeeds } from "./needs.ts";
import { removeContainer } from "./remove.ts";
import type { SizeMeter } from "./sizes.ts";

type PruneNeeds = Pick<ContainerNeeds, "roster" | "live" | "restarts" | "runtime" | "rootfs" | "volumes" | "announcer" | "logger"> & {
  readonly sizes: SizeMeter;
};

/** Removes every container that does not run and passes the filters, newest first. One that cannot be removed is left, and told of in the log. */
export async function pruneContainers(needs: PruneNeeds, filters: PruneFilters): Promise<ContainerPruneResult> {
  const deleted: string[] = [];
  let reclaimed = 0;
  const meant = needs.roster
    .all()
    .filter(({ state, created, spec }) => !isActive(state) && isPruned(filters, { created, labels: spec.labels }));
  const sizes = await needs.sizes.measure(meant.map(({ id }) => id));
  for (const [index, { id }] of meant.entries()) {
    // What began to run since is none of those that are meant any more.
    const container = needs.roster.get(id);
    if (container === undefined || isActive(container.state)) continue;
    try {
      await removeContainer(needs, id, { force: false, volumes: false });
      deleted.push(id);
      reclaimed += sizes[index]?.written ?? 0;
    } catch (error) {
      needs.logger.warn("container was not pruned", { container: id, error: messageOf(error) });
    }
  }
  needs.announcer.announce({ type: "container", action: "prune", actorId: "", attributes: { reclaimed: String(reclaimed) } });
  return { deleted, reclaimed };
}
