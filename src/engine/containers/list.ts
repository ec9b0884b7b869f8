import { type Container, isActive } from "#container";
import type { VolumeStore } from "#volume";
import type { ContainerView, ListedContainer, ListQuery } from "../verbs.ts";
import { compileFilters, type FilterNeeds } from "./filters.ts";
import { placesOf } from "../networks/places.ts";
import { ownerOfFiles } from "./spaces.ts";
import { logPathOf, type ContainerNeeds } from "./needs.ts";

type ViewNeeds = Pick<ContainerNeeds, "roster" | "sandboxes" | "networks" | "fabric" | "rootfs" | "volumes"> & {
  execIds(containerId: string): readonly string[];
  readonly layerDriver: string;
};

/** The container with what belongs to it elsewhere. */
export function viewContainer(needs: ViewNeeds, container: Container): ContainerView {
  const endpoint = needs.sandboxes.endpoint(container.sandboxId);
  return {
    container,
    volumeRoot: needs.volumes.store.root,
    ...(endpoint !== undefined && { endpoint }),
    networkId: needs.networks.idOf(container),
    ...placesOf(needs, container),
    ...(needs.fabric.bridge !== undefined && { bridge: needs.fabric.bridge }),
    logPath: (container.spec.host.log?.driver ?? "json-file") === "json-file" ? logPathOf(needs, container.id) : "",
    folder: needs.rootfs.folder(container.id),
    ...(container.spec.host.network === "container" && { fileFolder: needs.rootfs.folder(ownerOfFiles(needs, container).id) }),
    execIds: needs.execIds(container.id),
    layerDriver: needs.layerDriver,
  };
}

/** Newest first; without `all`, `limit` or a status filter only what runs, as Docker does. */
export function listContainers(
  needs: FilterNeeds & { readonly volumes: { readonly store: Pick<VolumeStore, "root"> } },
  query: ListQuery,
): readonly ListedContainer[] {
  const everything = query.all || query.limit !== undefined || query.filters.status !== undefined;
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  const passes = compileFilters(needs, query.filters);
  const { root } = needs.volumes.store;
  const found: ListedContainer[] = [];
  for (const container of needs.roster.all()) {
    if (found.length >= limit) break;
    if ((!everything && !isActive(container.state)) || !passes(container)) continue;
    const endpoint = needs.sandboxes.endpoint(container.sandboxId);
    found.push({ container, volumeRoot: root, endpoint, networkId: needs.networks.idOf(container), ...placesOf(needs, container) });
  }
  return found;
}
