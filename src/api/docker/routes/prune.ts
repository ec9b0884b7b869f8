import { isFault, fault } from "#base";
import { knows } from "#wire";
import type { Handlers } from "../call.ts";
import { checkFilterKeys, flagOf, parseFilters } from "../filters.ts";
import { readPruneFilters } from "../prune-filters.ts";
import { removedView } from "../views/image.ts";

export const pruneRoutes: Handlers<"containerPrune" | "imagePrune" | "networkPrune" | "volumePrune" | "buildPrune"> = {
  containerPrune: async ({ exchange, query, verbs }) => {
    const { deleted, reclaimed } = await verbs.containers.prune(readPruneFilters(parseFilters(query.filters)));
    exchange.reply(200, { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed });
  },
  imagePrune: async ({ exchange, query, verbs }) => {
    const filters = parseFilters(query.filters);
    const wanted = readPruneFilters(filters, ["dangling"]);
    const { removed, reclaimed } = await verbs.images.prune({ ...wanted, named: flagOf(filters, "dangling") === false });
    exchange.reply(200, { ImagesDeleted: removed.length === 0 ? null : removed.map(removedView), SpaceReclaimed: reclaimed });
  },
  networkPrune: async ({ exchange, query, verbs }) => {
    const deleted = await verbs.networks.prune(readPruneFilters(parseFilters(query.filters)));
    exchange.reply(200, { NetworksDeleted: deleted.length === 0 ? null : deleted });
  },
  volumePrune: async ({ exchange, query, verbs, version }) => {
    const filters = parseFilters(query.filters);
    checkFilterKeys(filters, { here: ["label", "label!", "all"], dockers: [] });
    // Before 1.42 there was no telling volumes with a name from those without.
    const named = flagOf(filters, "all") ?? !knows(version, "anonymousVolumes");
    const labels = new Map([...filters].filter(([key]) => key !== "all"));
    const { deleted, reclaimed } = await verbs.volumes.prune({ ...readPruneFilters(labels), named });
    exchange.reply(200, { VolumesDeleted: deleted, SpaceReclaimed: reclaimed });
  },
  // Nobody can make a build cache yet, so there is never one to be removed.
  buildPrune: ({ exchange, query }) => {
    try {
      const more = ["unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"];
      readPruneFilters(parseFilters(query.filters), more);
    } catch (error) {
      if (!isFault(error, "invalid")) throw error;
      throw fault("invalid", `failed to prune build cache: ${error.message}`, { cause: error });
    }
    exchange.reply(200, { CachesDeleted: null, SpaceReclaimed: 0 });
  },
};
