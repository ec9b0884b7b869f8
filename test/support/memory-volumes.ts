import { fault, matchesLabel, newId, now } from "#base";
import type { VolumeVerbs, VolumeView } from "#engine";
import { anonymousLabels, checkVolumeName, checkVolumeOptions, isAnonymous } from "#volume";

/** The volumes of a memory engine: names without a folder. `users` are the containers of one. */
export function memoryVolumeVerbs(users: (volume: string) => readonly string[]): VolumeVerbs {
  const volumes = new Map<string, VolumeView>();
  const get = (name: string): VolumeView => {
    const found = volumes.get(name);
    if (found === undefined) throw fault("not-found", `get ${name}: no such volume`);
    return found;
  };
  const put = (volume: VolumeView["volume"]): VolumeView => {
    if (volumes.has(volume.name)) throw fault("conflict", `create ${volume.name}: there is a volume of that name`);
    volumes.set(volume.name, { volume, mountpoint: `/data/volumes/${volume.name}/_data` });
    return get(volume.name);
  };
  const remove = (name: string): void => {
    get(name);
    const holders = users(name);
    if (holders.length > 0) throw fault("conflict", `remove ${name}: volume is in use - [${holders.join(", ")}]`);
    volumes.delete(name);
  };
  return {
    create: async (request) => {
      const name = request.name === "" ? newId() : request.name;
      checkVolumeName(name);
      checkVolumeOptions(name, request.options);
      const labels = request.name === "" ? { ...request.labels, ...anonymousLabels } : request.labels;
      const { options } = request;
      const volume = { name, created: now(), ...(labels !== undefined && { labels }), ...(options !== undefined && { options }) };
      if (!volumes.has(name)) volumes.set(name, { volume, mountpoint: `/data/volumes/${name}/_data` });
      return get(name);
    },
    get,
    list: ({ names, labels = [], isDangling }) =>
      [...volumes.values()].filter(
        ({ volume }) =>
          (names?.some((part) => volume.name.includes(part)) ?? true) &&
          labels.every((label) => matchesLabel(volume.labels ?? {}, label)) &&
          (isDangling === undefined || (users(volume.name).length === 0) === isDangling),
      ),
    usage: async () => [...volumes.values()].map((view) => ({ view, users: users(view.volume.name).length, size: 4096 })),
    rename: async (name, to) => {
      checkVolumeName(to);
      const { volume } = get(name);
      remove(name);
      return put({ ...volume, name: to });
    },
    clone: async (name, to) => {
      checkVolumeName(to);
      return put({ ...get(name).volume, name: to });
    },
    export: async (name) => {
      get(name);
      return nothing();
    },
    import: async (name) => {
      checkVolumeName(name);
      return put({ name, created: now() });
    },
    remove: async (name) => remove(name),
    prune: async ({ named }) => {
      const meant = [...volumes.values()].filter(({ volume }) => users(volume.name).length === 0 && (named || isAnonymous(volume)));
      for (const { volume } of meant) remove(volume.name);
      return { deleted: meant.map(({ volume }) => volume.name), reclaimed: meant.length * 4096 };
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
