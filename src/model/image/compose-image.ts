// The documents of an image that is made here (OCI image spec, config.md and manifest.md), with fields in Docker's order.
import type { Digest } from "#base";
import type { Descriptor, Platform } from "./descriptor.ts";
import type { HealthCheck, HistoryEntry, ImageRuntimeConfig } from "./image.ts";
import { mediaTypes } from "./media-types.ts";

/** What the config of a new image says. */
export interface NewConfig {
  readonly created: string;
  readonly author: string;
  readonly platform: Platform;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly runtime: ImageRuntimeConfig;
}

export function encodeConfig({ created, author, platform, diffIds, history, runtime }: NewConfig): Uint8Array<ArrayBuffer> {
  return encode({
    created,
    author: author || undefined,
    architecture: platform.architecture,
    variant: platform.variant,
    os: platform.os,
    rootfs: { type: "layers", diff_ids: diffIds },
    history: history.map(({ created: at, createdBy, author: by, comment, emptyLayer }) => ({
      created: at,
      created_by: createdBy || undefined,
      author: by || undefined,
      comment: comment || undefined,
      empty_layer: emptyLayer || undefined,
    })),
    config: configFields(runtime),
  });
}

/** In the order of Docker's own struct: the spec's fields, then its extension. Empty is absent. */
function configFields(runtime: ImageRuntimeConfig): object {
  return {
    User: runtime.user || undefined,
    ExposedPorts: keys(runtime.exposedPorts),
    Env: filled(runtime.env),
    Entrypoint: filled(runtime.entrypoint),
    Cmd: filled(runtime.command),
    Volumes: keys(runtime.volumes),
    WorkingDir: runtime.workingDir || undefined,
    Labels: Object.keys(runtime.labels).length === 0 ? undefined : runtime.labels,
    StopSignal: runtime.stopSignal,
    Healthcheck: runtime.healthcheck && encodeHealthCheck(runtime.healthcheck),
    OnBuild: filled(runtime.onBuild),
    Shell: filled(runtime.shell),
  };
}

/** As images and inspect have it. */
export function encodeHealthCheck({ test, interval, timeout, startPeriod, startInterval, retries }: HealthCheck): object {
  return { Test: test, Interval: interval, Timeout: timeout, StartPeriod: startPeriod, StartInterval: startInterval, Retries: retries };
}

function filled(words: readonly string[] | undefined): readonly string[] | undefined {
  return words === undefined || words.length === 0 ? undefined : words;
}

export function encodeManifest(
  config: { readonly digest: Digest; readonly size: number },
  layers: readonly Descriptor[],
): Uint8Array<ArrayBuffer> {
  return encode({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
}

function keys(names: readonly string[]): Readonly<Record<string, object>> | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
}

function encode(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}
