import type { DockerCalls, VolumeReply } from "#client";

export interface MeasuredVolume {
  readonly volume: VolumeReply;
  /** Names of the containers that have it, running or not. */
  readonly users: readonly string[];
}

/** Volumes with their sizes and users, as any engine tells them. */
export async function measure(
  client: Pick<DockerCalls, "system" | "containers">,
  volumes: readonly VolumeReply[],
): Promise<readonly MeasuredVolume[]> {
  const [usage, containers] = await Promise.all([client.system.diskUsage("volume"), client.containers.list({ all: true })]);
  const measured = new Map((usage.Volumes ?? []).map((volume) => [volume.Name, volume]));
  const users = new Map<string, string[]>();
  for (const { Names, Mounts } of containers)
    for (const { Type, Name = "" } of Mounts ?? []) {
      if (Type !== "volume") continue;
      const names = users.get(Name) ?? [];
      names.push((Names?.[0] ?? "").replace(/^\//, ""));
      users.set(Name, names);
    }
  return volumes.map((volume) => ({
    volume: { ...volume, ...measured.get(volume.Name) },
    users: (users.get(volume.Name) ?? []).toSorted(),
  }));
}
