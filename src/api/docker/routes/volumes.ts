import { isFault } from "#base";
import type { VolumeFilters } from "#engine";
import { volumeRequest } from "#wire";
import type { Handlers } from "../call.ts";
import { checkFilterKeys, flagOf, parseFilters } from "../filters.ts";
import { refuseDriver } from "../mount-request.ts";
import { volumeView } from "../views/volume.ts";

export const volumeRoutes: Handlers<"volumeList" | "volumeCreate" | "volumeInspect" | "volumeRemove"> = {
  volumeList: ({ exchange, query, verbs }) => {
    const found = verbs.volumes.list(readVolumeFilters(query.filters));
    exchange.reply(200, { Volumes: found.map(volumeView), Warnings: null });
  },
  volumeCreate: async ({ exchange, verbs }) => {
    const { Name: name, Driver: driver, DriverOpts, Labels } = (await exchange.json(volumeRequest))?.value ?? volumeRequest.zero;
    refuseDriver(driver, name);
    const view = await verbs.volumes.create({
      name,
      ...(Labels.size > 0 && { labels: Object.fromEntries(Labels) }),
      ...(DriverOpts.size > 0 && { options: Object.fromEntries(DriverOpts) }),
    });
    exchange.reply(201, volumeView(view));
  },
  volumeInspect: ({ exchange, params, verbs }) => {
    exchange.reply(200, volumeView(verbs.volumes.get(params["name"] ?? "")));
  },
  volumeRemove: async ({ exchange, params, query, verbs }) => {
    try {
      await verbs.volumes.remove(params["name"] ?? "");
    } catch (error) {
      // By force the aim is that it is gone, and it is.
      if (!query.force || !isFault(error, "not-found")) throw error;
    }
    exchange.done(204);
  },
};

function readVolumeFilters(text: string | undefined): VolumeFilters {
  const filters = parseFilters(text);
  checkFilterKeys(filters, { here: ["dangling", "name", "driver", "label"], dockers: [] });
  const isDangling = flagOf(filters, "dangling");
  const [names, labels, drivers] = ["name", "label", "driver"].map((key) => filters.get(key) ?? []);
  return {
    ...(names !== undefined && names.length > 0 && { names }),
    ...(labels !== undefined && labels.length > 0 && { labels }),
    ...(drivers !== undefined && drivers.length > 0 && { drivers }),
    ...(isDangling !== undefined && { isDangling }),
  };
}
