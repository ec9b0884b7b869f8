// The metadata of a saved archive, as Docker's containerd store writes it: an OCI layout for who keeps digests, and beside it the
// manifest.json of old for who knows nothing else. Fields are in Docker's order.
import { hexOf, type Digest } from "#base";
import type { Descriptor } from "./descriptor.ts";
import { mediaTypes } from "./media-types.ts";
import { formatFamiliar, formatReference, type Reference } from "./reference.ts";

/** An image of an archive. */
export interface SavedImage {
  readonly target: Descriptor;
  /** What the manifest.json of old knows of it. */
  readonly manifest: { readonly digest: Digest; readonly config: Digest; readonly layers: readonly Digest[] };
  /** With a tag; absent when the image was asked for otherwise. */
  readonly name?: Reference;
}

/** Where a blob lies in an archive. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Files of an archive beside its blobs, by name. */
export function layoutFiles(images: readonly SavedImage[]): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: images.map(entryOf) };
  const old = manifestEntries(images);
  return new Map([
    ["index.json", encode(index)],
    // Docker writes none for an archive of nothing.
    ...(old.length > 0 ? ([["manifest.json", encode(old)]] as const) : []),
    ["oci-layout", encode({ imageLayoutVersion: "1.0.0" })],
  ]);
}

function entryOf({ target, name }: SavedImage): object {
  const { mediaType, digest, size, platform } = target;
  const annotations = name && { "io.containerd.image.name": formatReference(name), "org.opencontainers.image.ref.name": name.tag };
  const shown = platform && { architecture: platform.architecture, os: platform.os, variant: platform.variant };
  return { mediaType, digest, size, ...(annotations && { annotations }), ...(shown && { platform: shown }) };
}

/** One entry a manifest, with all its names. */
function manifestEntries(images: readonly SavedImage[]): readonly object[] {
  const byManifest = new Map<Digest, { readonly saved: SavedImage; readonly names: string[] }>();
  for (const saved of images) {
    const entry = byManifest.get(saved.manifest.digest) ?? { saved, names: [] };
    if (saved.name !== undefined) entry.names.push(formatFamiliar(saved.name));
    byManifest.set(saved.manifest.digest, entry);
  }
  return [...byManifest.values()].map(({ saved: { manifest }, names }) => ({
    Config: blobPath(manifest.config),
    RepoTags: names.length === 0 ? null : names,
    Layers: manifest.layers.map(blobPath),
  }));
}

function encode(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}
