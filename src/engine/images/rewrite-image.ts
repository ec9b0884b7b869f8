// An image whose layers were partly compressed anew: other blobs, so other manifests, and another id. What is made here is for a registry or an
// archive; the image in the catalog stays what it is.
import { createHash } from "node:crypto";
import type { Digest } from "#base";
import { type Descriptor, type ImageManifest, maxConfigSize, maxManifestSize, mediaTypes } from "#image";
import type { PackedAnew } from "./bring-blobs.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";

/** What a name stands for, and its manifests. */
interface Documents {
  readonly target: Descriptor;
  readonly manifests: readonly ImageManifest[];
}

interface Options {
  /** By the digest of the blob that each stands for. */
  readonly anew: ReadonlyMap<Digest, PackedAnew>;
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

interface LayerDocument {
  config: Descriptor;
  layers: Descriptor[];
}

/** The documents of an image with its layers as they were packed; they lie in the content store, held. */
export async function rewriteImage(
  needs: Pick<ImageNeeds, "content">,
  { target, manifests }: Documents,
  options: Options,
): Promise<Documents> {
  const rewritten = new Map<Digest, ImageManifest>();
  for (const manifest of manifests)
    if (manifest.layers.some(({ digest }) => options.anew.has(digest)))
      rewritten.set(manifest.descriptor.digest, await rewriteManifest(needs, manifest, options));
  if (rewritten.size === 0) return { target, manifests };
  return {
    target: rewritten.get(target.digest)?.descriptor ?? (await rewriteIndex(needs, target, { ...options, rewritten })),
    manifests: manifests.map((manifest) => rewritten.get(manifest.descriptor.digest) ?? manifest),
  };
}

async function rewriteManifest(needs: Pick<ImageNeeds, "content">, manifest: ImageManifest, options: Options): Promise<ImageManifest> {
  const document = await readObject<LayerDocument>(needs, manifest.descriptor.digest, maxManifestSize);
  const gzip = manifest.descriptor.mediaType === mediaTypes.dockerManifest ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayerGzip;
  const packed = manifest.layers.map(({ digest }) => options.anew.get(digest));
  const layers = manifest.layers.map((layer, index) => {
    const blob = packed[index]?.blob;
    return blob === undefined ? layer : { mediaType: gzip, digest: blob.digest, size: blob.size };
  });
  const diffIds = manifest.diffIds.map((diffId, index) => packed[index]?.diffId ?? diffId);
  document.layers = document.layers.map((layer, index) => (packed[index] === undefined ? layer : (layers[index] ?? layer)));
  if (diffIds.some((diffId, index) => diffId !== manifest.diffIds[index])) {
    const { digest, size } = await rewriteConfig(needs, { ...document.config, digest: manifest.configDigest }, { ...options, diffIds });
    document.config = { ...document.config, digest, size };
  }
  const descriptor = await write(needs, document, { ...options, like: manifest.descriptor });
  const contentSize = [descriptor, document.config, ...layers].reduce((sum, { size }) => sum + size, 0);
  return { ...manifest, descriptor, configDigest: document.config.digest, diffIds, layers, contentSize };
}

/** Layers that lay here as trees make other archives than those that they came from. */
async function rewriteConfig(
  needs: Pick<ImageNeeds, "content">,
  config: Descriptor,
  { diffIds, ...options }: Options & { readonly diffIds: readonly Digest[] },
): Promise<Descriptor> {
  const document = await readObject<{ rootfs: { diff_ids: readonly Digest[] } }>(needs, config.digest, maxConfigSize);
  document.rootfs.diff_ids = diffIds;
  return await write(needs, document, { ...options, like: config });
}

async function rewriteIndex(
  needs: Pick<ImageNeeds, "content">,
  target: Descriptor,
  { rewritten, ...options }: Options & { readonly rewritten: ReadonlyMap<Digest, ImageManifest> },
): Promise<Descriptor> {
  const document = await readObject<{ manifests: Descriptor[] }>(needs, target.digest, maxManifestSize);
  document.manifests = document.manifests.map((entry) => {
    const other = rewritten.get(entry.digest)?.descriptor;
    return other === undefined ? entry : { ...entry, digest: other.digest, size: other.size };
  });
  return await write(needs, document, { ...options, like: target });
}

async function readObject<Document>({ content }: Pick<ImageNeeds, "content">, digest: Digest, limit: number): Promise<Document> {
  return JSON.parse(new TextDecoder().decode(await content.read(digest, limit))) as Document;
}

async function write(
  { content }: Pick<ImageNeeds, "content">,
  document: unknown,
  { like, hold, signal }: Omit<Options, "anew"> & { readonly like: Descriptor },
): Promise<Descriptor> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await hold.take("blob", digest);
  await content.ingest({ digest, size: bytes.length }, new Blob([bytes]).stream(), { signal });
  const { mediaType, platform } = like;
  return { mediaType, digest, size: bytes.length, ...(platform !== undefined && { platform }) };
}
