import { isFault, fault } from "#base";
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
  // Nobody can make any of these yet, so there is never one to be removed.
  networkPrune: ({ exchange, query }) => {
    readPruneFilters(parseFilters(query.filters));
    exchange.reply(200, { NetworksDeleted: null });
  },
  volumePrune: ({ exchange, query }) => {
    checkFilterKeys(parseFilters(query.filters), { here: ["label", "label!", "all"], dockers: [] });
    exchange.reply(200, { VolumesDeleted: [], SpaceReclaimed: 0 });
  },
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
