// An image as an archive that every engine loads: an OCI layout (index over one manifest a platform), and Docker's manifest.json
// beside it for engines that know only that. Layers are not compressed, so no version of a compressor changes the digests.
import { createHash } from "node:crypto";
import { type Digest, hexOf } from "#base";
import { mediaTypes } from "#image";
import type { Architecture } from "./elf.ts";
import { type TreeEntry, tarOf } from "./tree.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

export interface StarterImage {
  /** "hello-world:latest" */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** RFC 3339; fixed, so that the image is the same wherever it is made. */
  readonly created: string;
  /** What `docker history` shows. */
  readonly createdBy: string;
  readonly trees: Readonly<Partial<Record<Architecture, readonly TreeEntry[]>>>;
}

interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** The bytes of the archive; manifest.json names the image of `preferred`, which is one of the trees. */
export function imageArchive(image: StarterImage, preferred: Architecture): Uint8Array<ArrayBuffer> {
  const blobs = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Blob => {
    const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    blobs.set(digest, bytes);
    return { digest, bytes };
  };
  const platforms = Object.entries(image.trees).map(([architecture, tree]) => ({
    architecture,
    ...platformBlobs(image, { architecture, tree }, keep),
  }));
  const index = keep(json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: platforms.map(({ descriptor }) => descriptor) }));
  const own = platforms.find(({ architecture }) => architecture === preferred);
  if (own === undefined) throw new Error(`${image.name} has no ${preferred} tree`);
  const [repository, tag] = image.name.split(":");
  const annotations = { "io.containerd.image.name": `docker.io/library/${repository}:${tag}`, "org.opencontainers.image.ref.name": tag };
  const documents: readonly TreeEntry[] = [
    file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
    file(
      "index.json",
      json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [{ ...descriptorOf(mediaTypes.ociIndex, index), annotations }] }),
    ),
    file("manifest.json", json([{ Config: blobPath(own.config), RepoTags: [image.name], Layers: [blobPath(own.layer)] }])),
  ];
  return tarOf([
    { path: "blobs", type: "directory" },
    { path: "blobs/sha256", type: "directory" },
    ...[...blobs].map(([digest, bytes]) => file(blobPath(digest), bytes)),
    ...documents,
  ]);
}

function platformBlobs(
  image: StarterImage,
  { architecture, tree }: { readonly architecture: string; readonly tree: readonly TreeEntry[] },
  keep: (bytes: Uint8Array) => Blob,
): { readonly config: Digest; readonly layer: Digest; readonly descriptor: object } {
  const layer = keep(tarOf(tree));
  const config = keep(
    json({
      architecture,
      os: "linux",
      created: image.created,
      config: image.config,
      rootfs: { type: "layers", diff_ids: [layer.digest] },
      history: [{ created: image.created, created_by: image.createdBy }],
    }),
  );
  const manifest = keep(
    json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptorOf(mediaTypes.ociConfig, config),
      layers: [descriptorOf(layerType, layer)],
    }),
  );
  return {
    config: config.digest,
    layer: layer.digest,
    descriptor: { ...descriptorOf(mediaTypes.ociManifest, manifest), platform: { architecture, os: "linux" } },
  };
}

function descriptorOf(
  mediaType: string,
  { digest, bytes }: Blob,
): { readonly mediaType: string; readonly digest: Digest; readonly size: number } {
  return { mediaType, digest, size: bytes.length };
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function file(path: string, bytes: Uint8Array): TreeEntry {
  return { path, type: "file", bytes };
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
