import type { Digest, Instant } from "#base";
import type { Descriptor, Platform } from "./descriptor.ts";

/** The part of an image config that a container inherits (OCI image spec, config.md). */
export interface ImageRuntimeConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal?: string;
  readonly healthcheck?: HealthCheck;
  /** Instructions for whoever builds upon the image. */
  readonly onBuild?: readonly string[];
  /** What the shell form of instructions runs in. */
  readonly shell?: readonly string[];
}

/** Docker's extension of the config: how to find out whether a container is well. Times are nanoseconds; what is absent is inherited. */
export interface HealthCheck {
  /** "NONE", "CMD" and words, or "CMD-SHELL" and a line. */
  readonly test?: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly emptyLayer: boolean;
}

/** An image of one platform whose every layer is unpacked. The descriptor has the platform that the index says, else the config. */
export interface ImageManifest {
  readonly descriptor: Descriptor;
  readonly configDigest: Digest;
  readonly platform: Platform;
  /** RFC 3339, as the config says it. */
  readonly created?: string;
  readonly author?: string;
  readonly runtime: ImageRuntimeConfig;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  /** Compressed blobs, in the order of diffIds. */
  readonly layers: readonly Descriptor[];
  /** Bytes of the blobs and bytes on disk when unpacked. */
  readonly contentSize: number;
  readonly unpackedSize: number;
}

/**
 * An image as clients see it: its id is the digest of its target, a manifest or an index. Immutable; names point at it.
 */
export interface Image {
  readonly id: Digest;
  readonly target: Descriptor;
  /** Unpacked manifests, those that this machine runs first, best first. */
  readonly manifests: readonly ImageManifest[];
  /** Canonical names with tag ("docker.io/library/busybox:latest") and with digest ("docker.io/library/busybox@sha256:..."). */
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly taggedAt: Instant;
}
