import { formatInstant } from "#base";
import type { ImageHistory, ImageView, Removed } from "#engine";
import { encodeHealthCheck, formatFamiliar, parseReference, type Image, type ImageRuntimeConfig } from "#image";
import { emptyObjects, nullIfEmpty } from "./container-config.ts";

/** Body of GET /images/{name}/json, at the newest version. */
export function inspectImage({ image, manifest, history, layerDriver }: ImageView): Readonly<Record<string, unknown>> {
  const { platform } = manifest;
  return {
    Id: image.id,
    RepoTags: image.tags.map(familiar),
    RepoDigests: image.digests.map(familiar),
    Parent: "",
    Comment: history.at(-1)?.comment ?? "",
    ...(manifest.created !== undefined && { Created: manifest.created }),
    DockerVersion: "",
    Author: manifest.author ?? "",
    Architecture: platform.architecture,
    ...(platform.variant !== undefined && { Variant: platform.variant }),
    Os: platform.os,
    Size: manifest.contentSize + (image.target.digest === manifest.descriptor.digest ? 0 : image.target.size),
    GraphDriver: { Data: null, Name: layerDriver },
    RootFS: { Type: "layers", Layers: manifest.diffIds },
    Metadata: { LastTagTime: formatInstant(image.taggedAt) },
    Descriptor: descriptorOf(image),
    Config: configOf(manifest.runtime),
  };
}

/** One entry of GET /images/json, at the newest version. */
export function summarizeImage({ image, manifest, containers }: ImageView, sharedSize = -1): Readonly<Record<string, unknown>> {
  const { labels } = manifest.runtime;
  return {
    Containers: containers,
    Created: secondsOf(manifest.created),
    Id: image.id,
    Labels: Object.keys(labels).length === 0 ? null : labels,
    ParentId: "",
    Descriptor: descriptorOf(image),
    RepoDigests: image.digests.map(familiar),
    RepoTags: image.tags.map(familiar),
    SharedSize: sharedSize,
    Size: image.manifests.reduce((sum, { contentSize, unpackedSize }) => sum + contentSize + unpackedSize, 0),
  };
}

/** Body of GET /images/{name}/history. Only the newest step has an id and names. */
export function historyView({ image, steps }: ImageHistory): readonly Readonly<Record<string, unknown>>[] {
  return steps.map(({ step, size }, index) => ({
    Comment: step.comment ?? "",
    Created: secondsOf(step.created),
    CreatedBy: step.createdBy ?? "",
    Id: index === 0 ? image.id : "<missing>",
    Size: size,
    Tags: index === 0 ? image.tags.map(familiar) : null,
  }));
}

export function removedView(removed: Removed): Readonly<Record<string, string>> {
  return "untagged" in removed ? { Untagged: removed.untagged } : { Deleted: removed.deleted };
}

function secondsOf(created: string | undefined): number {
  const milliseconds = created === undefined ? Number.NaN : Date.parse(created);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

function familiar(name: string): string {
  return formatFamiliar(parseReference(name));
}

function descriptorOf({ target }: Image): Readonly<Record<string, unknown>> {
  return { mediaType: target.mediaType, digest: target.digest, size: target.size };
}

function configOf(config: ImageRuntimeConfig): Readonly<Record<string, unknown>> {
  return {
    ...(config.exposedPorts.length > 0 && { ExposedPorts: emptyObjects(config.exposedPorts) }),
    Cmd: config.command ?? null,
    Entrypoint: config.entrypoint ?? null,
    Env: nullIfEmpty(config.env),
    Labels: Object.keys(config.labels).length === 0 ? null : config.labels,
    ...(config.healthcheck !== undefined && { Healthcheck: encodeHealthCheck(config.healthcheck) }),
    OnBuild: config.onBuild ?? null,
    ...(config.shell !== undefined && { Shell: config.shell }),
    ...(config.stopSignal !== undefined && { StopSignal: config.stopSignal }),
    User: config.user,
    Volumes: config.volumes.length === 0 ? null : emptyObjects(config.volumes),
    WorkingDir: config.workingDir,
  };
}
