// Images as data, for archives and registries.
import type { Digest } from "#base";
import { mediaTypes } from "#image";
import { archive, type ArchiveMember, sha256 } from "./archive.ts";

export interface ImageParts {
  readonly layers: readonly Uint8Array<ArrayBuffer>[];
  readonly layerType: string;
  readonly config: Uint8Array<ArrayBuffer>;
  readonly manifest: Uint8Array<ArrayBuffer>;
  readonly manifestDigest: Digest;
}

interface PartsOptions {
  /** Members of each layer, lowest first. */
  readonly layers: readonly (readonly ArchiveMember[])[];
  /** Tars of the layers under them. */
  readonly below?: readonly Uint8Array<ArrayBuffer>[];
  readonly architecture?: string;
  readonly gzip?: boolean;
  /** How hard gzip tries; 0 packs as nothing here would. */
  readonly level?: 0;
  readonly docker?: boolean;
  readonly config?: object;
  readonly history?: readonly object[];
  /** In place of the true ones. */
  readonly diffIds?: readonly string[];
  /** RFC 3339; the first of 2026. */
  readonly created?: string;
}

/** The blobs of one image of one platform. */
export function imageParts(options: PartsOptions): ImageParts {
  const tars = [...(options.below ?? []), ...options.layers.map((members) => archive(members))];
  const layers = options.gzip === true ? tars.map((tar) => Bun.gzipSync(tar, { level: options.level ?? 6 })) : tars;
  const docker = options.docker === true;
  const layerType =
    (docker ? mediaTypes.dockerLayer : "application/vnd.oci.image.layer.v1.tar") +
    (options.gzip === true ? (docker ? ".gzip" : "+gzip") : "");
  const config = json({
    architecture: options.architecture ?? "amd64",
    os: "linux",
    created: options.created ?? "2026-01-01T00:00:00Z",
    config: options.config ?? { Cmd: ["sh"] },
    ...(options.history !== undefined && { history: options.history }),
    rootfs: { type: "layers", diff_ids: options.diffIds ?? tars.map(sha256) },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest,
    config: { mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig, digest: sha256(config), size: config.length },
    layers: layers.map((layer) => ({ mediaType: layerType, digest: sha256(layer), size: layer.length })),
  });
  return { layers, layerType, config, manifest, manifestDigest: sha256(manifest) };
}

/** An archive as `docker save` of old wrote it: manifest.json, a config, a folder a layer. */
export function dockerArchive(parts: ImageParts, tags: readonly string[] | null): Uint8Array<ArrayBuffer> {
  const configName = `${sha256(parts.config).slice(7)}.json`;
  const names = parts.layers.map((_, index) => `layer${index}/layer.tar`);
  return archive([
    ...parts.layers.map((content, index): ArchiveMember => ({ name: names[index] ?? "", content })),
    { name: configName, content: parts.config },
    { name: "manifest.json", content: JSON.stringify([{ Config: configName, RepoTags: tags, Layers: names }]) },
  ]);
}

/** An OCI layout over the images, under an index when there are several. */
export function layoutArchive(images: Readonly<Record<string, ImageParts>>, name: string | undefined): Uint8Array<ArrayBuffer> {
  const manifests = descriptorsOf(images);
  const index = indexOf(images);
  const [only] = manifests;
  const target = manifests.length === 1 ? only : { mediaType: mediaTypes.ociIndex, digest: sha256(index), size: index.length };
  const annotations = name === undefined ? {} : { annotations: { "io.containerd.image.name": name } };
  const blobs = [...Object.values(images).flatMap(({ layers, config, manifest }) => [...layers, config, manifest]), index];
  const unique = new Map(blobs.map((bytes) => [sha256(bytes).slice(7), bytes]));
  return archive([
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [{ ...target, ...annotations }] }) },
    ...[...unique].map(([hex, content]): ArchiveMember => ({ name: `blobs/sha256/${hex}`, content })),
  ]);
}

/** The index over several images. */
export function indexOf(images: Readonly<Record<string, ImageParts>>): Uint8Array<ArrayBuffer> {
  return json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: descriptorsOf(images) });
}

function descriptorsOf(images: Readonly<Record<string, ImageParts>>): readonly object[] {
  return Object.entries(images).map(([architecture, { manifest, manifestDigest }]) => ({
    mediaType: mediaTypes.ociManifest,
    digest: manifestDigest,
    size: manifest.length,
    platform: { os: "linux", architecture },
  }));
}

export function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
