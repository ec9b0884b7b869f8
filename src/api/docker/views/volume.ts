import { formatInstant } from "#base";
import type { VolumeUsage, VolumeView } from "#engine";

/** A volume as inspect and lists tell of it. */
export function volumeView({ volume, mountpoint }: VolumeView): Readonly<Record<string, unknown>> {
  return {
    // To the second, as Docker has it.
    CreatedAt: formatInstant(volume.created).replace(/\.\d+/, ""),
    Driver: "local",
    Labels: volume.labels ?? null,
    Mountpoint: mountpoint,
    Name: volume.name,
    Options: volume.options ?? null,
    Scope: "local",
  };
}

/** The same with how large it is and how many containers have it. */
export function volumeUsageView({ view, users, size }: VolumeUsage): Readonly<Record<string, unknown>> {
  return { ...volumeView(view), UsageData: { RefCount: users, Size: size } };
}
