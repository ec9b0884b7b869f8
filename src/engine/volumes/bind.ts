import { anonymousLabels } from "#volume";
import { newId, type Logger } from "#base";
import type { Announcer } from "#event";
import type { ContainerFiles } from "#container";
import type { Roster } from "../containers/roster.ts";
import { PruneTurn } from "../prune.ts";
import type { VolumeVerbs } from "./verbs.ts";
import type { VolumeCatalog } from "./catalog.ts";
import { cloneVolume, exportVolume, importVolume } from "./contents.ts";
import { listVolumes, measureVolumes, viewVolume } from "./list.ts";
import { pruneVolumes } from "./prune.ts";

export interface VolumeNeeds {
  readonly volumes: VolumeCatalog;
  readonly roster: Pick<Roster, "get">;
  readonly files: Pick<ContainerFiles, "readFolder" | "fillFolder">;
  readonly announcer: Announcer;
  readonly logger: Logger;
}

/** The verbs of volumes, bound to this machine's adapters. */
export function bindVolumeVerbs(needs: VolumeNeeds): VolumeVerbs {
  const { volumes } = needs;
  const pruning = new PruneTurn();
  return {
    create: async ({ name, labels, options }) => {
      const asked = { ...(labels !== undefined && { labels }), ...(options !== undefined && { options }) };
      const request = name === "" ? { ...asked, name: newId(), labels: { ...labels, ...anonymousLabels } } : { ...asked, name };
      return viewVolume(volumes, (await volumes.ensure(request, "durable")).volume);
    },
    get: (name) => viewVolume(volumes, volumes.find(name)),
    list: (filters) => listVolumes(volumes, filters),
    usage: () => measureVolumes(needs),
    rename: async (name, to) => viewVolume(volumes, await volumes.rename(name, to)),
    clone: async (name, to) => viewVolume(volumes, await cloneVolume(needs, name, to)),
    export: (name) => exportVolume(needs, name),
    import: async (name, archive) => viewVolume(volumes, await importVolume(needs, name, archive)),
    remove: (name) => volumes.remove(name),
    prune: (filters) => pruning.run(() => pruneVolumes(needs, filters)),
  };
}
