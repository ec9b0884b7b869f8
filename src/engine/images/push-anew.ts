// An image whose layers were partly compressed anew: other blobs, so other manifests, and other ids. What is made here goes to the registry alone.
import { createHash } from "node:crypto";
import type { Digest } from "#base";
import { type Descriptor, type ImageManifest, maxConfigSize, maxManifestSize, mediaTypes } from "#image";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import type { SentAnew } from "./push-blob.ts";

/** A document in the stores, under the digest that it has now. */
interface Written {
  readonly descriptor: Descriptor;
  readonly config?: Descriptor;
}

interface Options {
  /** By the digest of the blob that each stands for. */
  readonly anew: ReadonlyMap<Digest, SentAnew>;
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

interface LayerDocument {
  config: Descriptor;
  layers: Descriptor[];
}

/** The manifest and config of an image with its layers as they were sent. */
export async function rewriteManifest(
  needs: Pick<ImageNeeds, "content">,
  manifest: ImageManifest,
  options: Options,
): Promise<Required<Written>> {
  const config = await readObject<{ rootfs: { diff_ids: Digest[] } }>(needs, manifest.configDigest, maxConfigSize);
  const document = await readObject<LayerDocument>(needs, manifest.descriptor.digest, maxManifestSize);
  const gzip = manifest.descriptor.mediaType === mediaTypes.dockerManifest ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayerGzip;
  for (const [index, { digest }] of manifest.layers.entries()) {
    const sent = options.anew.get(digest);
    if (sent === undefined) continue;
    config.rootfs.diff_ids[index] = sent.diffId;
    document.layers[index] = { mediaType: gzip, digest: sent.blob.digest, size: sent.blob.size };
  }
  const written = await write(needs, config, { ...options, like: document.config });
  document.config = { ...document.config, digest: written.digest, size: written.size };
  return { config: written, descriptor: await write(needs, document, { ...options, like: manifest.descriptor }) };
}

/** An index with other manifests in the places of some. */
export async function rewriteIndex(
  needs: Pick<ImageNeeds, "content">,
  target: Descriptor,
  { manifests, ...options }: Omit<Options, "anew"> & { readonly manifests: ReadonlyMap<Digest, Descriptor> },
): Promise<Descriptor> {
  const document = await readObject<{ manifests: Descriptor[] }>(needs, target.digest, maxManifestSize);
  document.manifests = document.manifests.map((entry) => {
    const other = manifests.get(entry.digest);
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
