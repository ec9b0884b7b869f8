import type { EngineFiles, MountedRootfs, MountFacts } from "#container";
import type { PreparedMounts } from "./volumes.ts";

interface Sources {
  readonly files: EngineFiles;
  readonly mounts: PreparedMounts;
  readonly sharedMemory: string | undefined;
}

interface Shown {
  readonly files: EngineFiles;
  readonly mounts: MountFacts;
}

/** What the engine itself puts into a container, by the paths where the container's root may see it. What a user binds stays as it is. */
export async function mapSources(rootfs: MountedRootfs, { files, mounts, sharedMemory }: Sources): Promise<Shown> {
  const volumes = [...mounts.sources];
  const all = [files.hosts, files.hostname, files.resolvConf, ...volumes.map(([, source]) => source)];
  const shown = await rootfs.show(sharedMemory === undefined ? all : [...all, sharedMemory]);
  const placeOf = new Map(all.map((source, index) => [source, shown[index] ?? source]));
  const seen = (source: string): string => placeOf.get(source) ?? source;
  return {
    files: { hosts: seen(files.hosts), hostname: seen(files.hostname), resolvConf: seen(files.resolvConf) },
    mounts: {
      sources: new Map(volumes.map(([target, source]) => [target, seen(source)])),
      resolved: mounts.resolved,
      fileSources: new Set([...mounts.fileSources].map(seen)),
      ...(sharedMemory !== undefined && { sharedMemory: shown.at(-1) ?? sharedMemory }),
    },
  };
}
