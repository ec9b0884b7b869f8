import { isFault, matchesLabel, messageOf, type Logger } from "#base";
import type { Volume } from "#volume";
import type { VolumeFilters, VolumeUsage, VolumeView } from "./verbs.ts";
import type { VolumeCatalog } from "./catalog.ts";

/** A volume with where it lies. */
export function viewVolume({ store }: VolumeCatalog, volume: Volume): VolumeView {
  return { volume, mountpoint: store.path(volume.name) };
}

/** Those that pass every filter, by name. */
export function listVolumes(volumes: VolumeCatalog, { names, labels = [], drivers, isDangling }: VolumeFilters): readonly VolumeView[] {
  const users = isDangling === undefined ? undefined : volumes.users();
  return volumes
    .all()
    .filter(
      (volume) =>
        (names === undefined || names.some((part) => volume.name.includes(part))) &&
        labels.every((condition) => matchesLabel(volume.labels ?? {}, condition)) &&
        (drivers === undefined || drivers.includes("local")) &&
        (users === undefined || users.has(volume.name) !== isDangling),
    )
    .map((volume) => viewVolume(volumes, volume));
}

/** Volumes that lie here, how large they are, and how many containers have each. */
export async function measureVolumes({
  volumes,
  logger,
}: {
  readonly volumes: VolumeCatalog;
  readonly logger: Logger;
}): Promise<readonly VolumeUsage[]> {
  // What is mounted from elsewhere is not on this disk, and may hang.
  const own = volumes.all().filter(({ options }) => options === undefined);
  const users = volumes.users();
  const measured = await Promise.all(own.map((volume) => measure(volumes, volume, logger)));
  return own.map((volume, index) => ({
    view: viewVolume(volumes, volume),
    users: users.get(volume.name)?.length ?? 0,
    size: measured[index] ?? -1,
  }));
}

async function measure({ store }: VolumeCatalog, { name }: Volume, logger: Logger): Promise<number> {
  try {
    return await store.usage(name);
  } catch (error) {
    if (!isFault(error, "not-found")) logger.warn("volume was not measured", { volume: name, error: messageOf(error) });
    return -1;
  }
}
