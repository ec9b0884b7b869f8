import { type Container, isLive } from "#container";
import type { ContainerView, ListedContainer, ListQuery } from "../verbs.ts";
import { compileFilters, type FilterNeeds } from "./filters.ts";
import { logPathOf, type ContainerNeeds } from "./needs.ts";

type ViewNeeds = Pick<ContainerNeeds, "sandboxes" | "networks" | "fabric" | "rootfs"> & {
  execIds(containerId: string): readonly string[];
  readonly layerDriver: string;
};

/** The container with what belongs to it elsewhere. */
export function viewContainer(needs: ViewNeeds, container: Container): ContainerView {
  const endpoint = needs.sandboxes.endpoint(container.sandboxId);
  return {
    container,
    ...(endpoint !== undefined && { endpoint }),
    networkId: needs.networks.idOf(container),
    ...(needs.fabric.bridge !== undefined && { bridge: needs.fabric.bridge }),
    logPath: (container.spec.host.log?.driver ?? "json-file") === "json-file" ? logPathOf(needs, container.id) : "",
    folder: needs.rootfs.folder(container.id),
    execIds: needs.execIds(container.id),
    layerDriver: needs.layerDriver,
  };
}

/** Newest first; without `all`, `limit` or a status filter only what runs, as Docker does. */
export function listContainers(needs: FilterNeeds, query: ListQuery): readonly ListedContainer[] {
  const everything = query.all || query.limit !== undefined || query.filters.status !== undefined;
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  const passes = compileFilters(needs, query.filters);
  const found: ListedContainer[] = [];
  for (const container of needs.roster.all()) {
    if (found.length >= limit) break;
    if ((!everything && !isLive(container.state)) || !passes(container)) continue;
    found.push({ container, endpoint: needs.sandboxes.endpoint(container.sandboxId), networkId: needs.networks.idOf(container) });
  }
  return found;
}
