// What this client reads of the daemon's replies; everything may be absent with an older daemon.

export interface CreatedReply {
  readonly Id: string;
  readonly Warnings?: readonly string[] | null;
}

/** What `system check` has found, and what would heal it or has. */
export interface CheckReply {
  readonly Checked: { readonly Blobs: number; readonly Layers: number; readonly Unjudged?: number };
  readonly Database: readonly string[];
  readonly Flaws: readonly {
    readonly Kind: string;
    readonly Digest: string;
    readonly Problem: string;
    readonly Reason: string;
    readonly UsedBy: readonly string[];
  }[];
  readonly Steps: readonly {
    readonly Action: string;
    readonly Kind: string;
    readonly Digest: string;
    readonly Cause: string;
    readonly Outcome: "planned" | "done" | "failed";
    readonly Error?: string;
  }[];
}

export interface PortReply {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface MountReply {
  readonly Type?: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Driver?: string;
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly Image: string;
  readonly ImageID?: string;
  readonly ImageManifestDescriptor?: { readonly platform?: Readonly<Record<string, unknown>> } | null;
  readonly Command: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Ports?: readonly PortReply[] | null;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Status: string;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null } | null;
  readonly Mounts?: readonly MountReply[] | null;
}

export interface ContainerReply {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly ExitCode: number;
  };
  readonly Config: {
    readonly Image?: string;
    readonly Env?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Tty: boolean;
    readonly OpenStdin: boolean;
    readonly AttachStdin: boolean;
    readonly AttachStdout: boolean;
    readonly AttachStderr: boolean;
  };
  readonly HostConfig: { readonly AutoRemove?: boolean };
  readonly NetworkSettings?: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;
  };
}

interface CpuReading {
  readonly cpu_usage: {
    readonly total_usage: number;
    /** Control groups of version 1 only. */
    readonly percpu_usage?: readonly number[] | null;
    readonly usage_in_kernelmode?: number;
    readonly usage_in_usermode?: number;
  };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** One reading of a container's use; what its kernel does not count is absent. */
export interface StatsReply {
  readonly id?: string;
  readonly name?: string;
  readonly read: string;
  readonly preread?: string;
  readonly cpu_stats: CpuReading;
  readonly precpu_stats: CpuReading;
  readonly memory_stats: { readonly usage?: number; readonly limit?: number; readonly stats?: Readonly<Record<string, number>> };
  readonly pids_stats?: { readonly current?: number; readonly limit?: number };
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?:
      | readonly { readonly major: number; readonly minor: number; readonly op: string; readonly value: number }[]
      | null;
  };
  readonly networks?: Readonly<
    Record<string, { readonly rx_bytes: number; readonly tx_bytes: number; readonly [counter: string]: number }>
  >;
}

export interface TopReply {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[] | null;
}

/** Answer to an update. */
export interface UpdateReply {
  readonly Warnings: readonly string[] | null;
}

export interface WaitReply {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string } | null;
}

export interface ExecReply {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

/** One manifest of an image's index, here or not. */
export interface ManifestSummary {
  readonly ID: string;
  readonly Kind: string;
  readonly Size: { readonly Content: number; readonly Total: number };
  readonly ImageData?: { readonly Platform: PlatformReply; readonly Containers: readonly string[] | null };
}

export interface ImageSummary {
  /** Where they were asked for (API 1.47). */
  readonly Manifests?: readonly ManifestSummary[];
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize?: number;
  readonly Containers?: number;
}

/** A manifest or index at its registry. */
export interface ManifestReply {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms: readonly PlatformReply[];
  /** Its bytes in base64. */
  readonly Raw: string;
}

/** A platform as OCI writes it. */
export interface PlatformReply {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

/** What a registry found for a search. */
export interface SearchReply {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
}

/** One step of an image's history. */
export interface HistoryReply {
  readonly Id: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
  readonly Tags?: readonly string[] | null;
}

export interface NetworkReply {
  readonly Id: string;
  readonly Name: string;
  /** RFC 3339. */
  readonly Created: string;
  readonly Scope: string;
  readonly Driver: string;
  /** Absent in replies of Docker's before API 1.47. */
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly Internal: boolean;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

export interface RemovedImage {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

/** One line of the progress of pull and load. */
export interface ProgressLine {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly units?: string; readonly hidecounts?: boolean };
  readonly errorDetail?: { readonly message?: string };
  readonly error?: string;
  /** What is said beside the words; its form depends on the call. */
  readonly aux?: unknown;
}

export interface EventReply {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> | null };
  readonly scope?: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Nanoseconds since the epoch, as exactly as a double tells them. */
  readonly timeNano?: number;
}

export interface VersionReply {
  readonly Platform?: { readonly Name?: string };
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Components?:
    | readonly { readonly Name: string; readonly Version: string; readonly Details?: Readonly<Record<string, string>> | null }[]
    | null;
}

export interface InfoReply {
  readonly [key: string]: unknown;
}

/** What a prune of any kind removed: each kind fills a list of its own. */
export interface PrunedReply {
  readonly ContainersDeleted?: readonly string[] | null;
  readonly ImagesDeleted?: readonly RemovedImage[] | null;
  readonly NetworksDeleted?: readonly string[] | null;
  readonly VolumesDeleted?: readonly string[] | null;
  readonly CachesDeleted?: readonly string[] | null;
  readonly SpaceReclaimed?: number;
}

export interface VolumeReply {
  readonly Name: string;
  readonly Driver?: string;
  readonly Mountpoint?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Scope?: string;
  readonly UsageData?: { readonly Size: number; readonly RefCount: number } | null;
}

export interface CacheUsage {
  readonly ID: string;
  readonly Type: string;
  readonly Size: number;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly UsageCount: number;
  readonly CreatedAt: string;
  readonly LastUsedAt?: string | null;
}

export interface UsageReply {
  readonly LayersSize?: number;
  readonly Images?: readonly ImageSummary[] | null;
  readonly Containers?: readonly ContainerSummary[] | null;
  readonly Volumes?: readonly VolumeReply[] | null;
  readonly BuildCache?: readonly CacheUsage[] | null;
}

/** What is at a path of a container. */
export interface PathStatReply {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode. */
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

export interface ChangeReply {
  readonly Path: string;
  /** 0 is modified, 1 added, 2 deleted. */
  readonly Kind: 0 | 1 | 2;
}

export interface LoginReply {
  readonly Status: string;
  readonly IdentityToken?: string;
}
