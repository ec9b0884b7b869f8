// load: take the archive in, see which of the two layouts it is, make sure of every image in it, then commit them one after the
// other. An OCI layout is preferred where both are there, as it keeps the digests that the images had.
import { createHash } from "node:crypto";
import { type Digest, fault, hexOf, streamOf } from "#base";
import {
  type ArchivedImage,
  type Descriptor,
  checkLayoutVersion,
  dockerManifest,
  formatFamiliar,
  formatPlatform,
  type ImageManifest,
  isIndexType,
  isManifestType,
  maxArchiveDocument,
  maxManifestSize,
  mediaTypes,
  parseArchiveManifest,
  parseLayoutIndex,
  parseManifest,
  parseReference,
  type Platform,
  samePlatform,
} from "#image";
import type { Progress } from "./verbs.ts";
import { announceImage } from "./announce.ts";
import { type ArchivedFile, type ArchiveFiles, takeArchive } from "./archive-files.ts";
import { describeManifest, openConfig, type OpenedManifest, openManifest, unpackLayer } from "./assemble.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { isUsed, sweep } from "./sweep.ts";

interface LoadContext {
  readonly needs: ImageNeeds;
  readonly files: ArchiveFiles;
  readonly hold: Hold;
  readonly signal: AbortSignal;
  /** The only one that is wanted. */
  readonly platform?: Platform;
}

/** An image of the archive with everything it needs in the stores. */
interface ReadyImage {
  readonly target: Descriptor;
  readonly manifests: readonly ImageManifest[];
  readonly tags: readonly string[];
}

interface LoadOptions {
  /** What else is in the archive is left there. */
  readonly platform?: Platform;
  readonly signal: AbortSignal;
}

export async function* load(needs: ImageNeeds, archive: ReadableStream<Uint8Array>, options: LoadOptions): AsyncGenerator<Progress> {
  const { platform, signal } = options;
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  await using files = await takeArchive(needs, archive, { hold, signal });
  const images = await readImages({ needs, files, hold, ...options });
  const wanted = images.filter(({ manifests }) => manifests.length > 0);
  if (platform !== undefined && wanted.length === 0)
    throw fault("not-found", `requested platform (${formatPlatform(platform)}) not found: image might be filtered out`);
  await needs.settler.settle();
  for (const image of wanted) {
    const stored = await needs.catalog.put(image.target, image.manifests, image.tags);
    if (image.tags.length === 0) yield { stream: `Loaded image ID: ${stored.id}\n` };
    for (const tag of image.tags) yield { stream: `Loaded image: ${formatFamiliar(parseReference(tag))}\n` };
    announceImage(needs.announcer, "load", { actorId: stored.id, name: stored.id, image: stored });
  }
}

async function readImages(context: LoadContext): Promise<readonly ReadyImage[]> {
  const version = context.files.find("oci-layout");
  if (version !== undefined) {
    checkLayoutVersion(await readDocument(context, version, "oci-layout"));
    return await readLayout(context);
  }
  const manifest = context.files.find("manifest.json");
  if (manifest === undefined) throw fault("invalid", "unrecognized image format");
  const images: ReadyImage[] = [];
  for (const image of parseArchiveManifest(await readDocument(context, manifest, "manifest.json")))
    images.push(await readDockerImage(context, image));
  return images;
}

async function readLayout(context: LoadContext): Promise<readonly ReadyImage[]> {
  const index = context.files.find("index.json");
  if (index === undefined) throw fault("invalid", "unrecognized image format");
  const byTarget = new Map<Digest, { readonly target: Descriptor; readonly tags: string[] }>();
  for (const { target, tag } of parseLayoutIndex(await readDocument(context, index, "index.json"))) {
    const image = byTarget.get(target.digest) ?? { target, tags: [] };
    if (tag !== undefined) image.tags.push(tag);
    byTarget.set(target.digest, image);
  }
  const images: ReadyImage[] = [];
  for (const { target, tags } of byTarget.values()) {
    images.push({ target, tags, manifests: await readTarget(context, target) });
  }
  return images;
}

/** The manifests of a target whose parts are all in the archive, those of another platform than the wanted one left out. */
async function readTarget(context: LoadContext, { mediaType, digest, size }: Descriptor): Promise<readonly ImageManifest[]> {
  // Its annotations are names in this archive and no part of the image.
  const target = { mediaType, digest, size };
  requireBlob(context, target);
  if (isManifestType(target.mediaType)) return await readManifest(context, target);
  if (!isIndexType(target.mediaType))
    throw fault("invalid", `index.json names something that is no image: ${JSON.stringify(target.mediaType)}`);
  const document = parseManifest(await context.needs.content.read(target.digest, maxManifestSize), target.mediaType);
  const listed = document.kind === "index" ? document.manifests : [];
  const held = listed
    .filter(({ mediaType: type, platform }) => isManifestType(type) && platform?.os !== "unknown")
    .filter((entry) => hasBlob(context, entry));
  if (held.length === 0) throw fault("invalid", `archive holds no image of index ${target.digest}`);
  const manifests: ImageManifest[] = [];
  for (const descriptor of held) manifests.push(...(await readManifest(context, descriptor)));
  return manifests;
}

/** Nothing for a platform that is not wanted. */
async function readManifest(context: LoadContext, descriptor: Descriptor): Promise<readonly ImageManifest[]> {
  requireBlob(context, descriptor);
  const manifest = await openManifest(context.needs, descriptor);
  requireBlob(context, manifest.configDescriptor);
  if (!(await isWanted(context, manifest))) return [];
  for (const layer of manifest.layers) requireBlob(context, layer);
  return [await finish(context, descriptor)];
}

async function isWanted({ needs, platform }: LoadContext, manifest: OpenedManifest): Promise<boolean> {
  if (platform === undefined) return true;
  return samePlatform(platform, manifest.descriptor.platform ?? (await openConfig(needs, manifest)).platform);
}

/** Unpacks every layer of a manifest whose blobs are in the content store. */
async function finish({ needs, hold, signal }: LoadContext, descriptor: Descriptor): Promise<ImageManifest> {
  const manifest = await openManifest(needs, descriptor);
  const config = await openConfig(needs, manifest);
  const failed = new AbortController();
  const options = { hold, signal: AbortSignal.any([signal, failed.signal]) };
  const works = manifest.layers.map((blob, index) => unpackLayer(needs, { blob, diffId: config.diffIds[index] ?? blob.digest }, options));
  try {
    const sizes = await Promise.all(works);
    return describeManifest(
      manifest,
      config,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(works);
    throw error;
  }
}

async function readDockerImage(context: LoadContext, image: ArchivedImage): Promise<ReadyImage> {
  const configFile = context.files.find(image.config);
  if (configFile === undefined) throw fault("invalid", `archive lacks the config ${JSON.stringify(image.config)}`);
  const config = await takeBlob(context, configFile, mediaTypes.dockerConfig);
  const layers: Descriptor[] = [];
  for (const name of image.layers) {
    const file = context.files.find(name);
    if (file === undefined) throw fault("invalid", `archive lacks the layer ${JSON.stringify(name)}`);
    layers.push(await takeLayer(context, file));
  }
  const bytes = dockerManifest(config, layers);
  const target = await takeBlob(context, { kind: "bytes", compression: undefined, bytes }, mediaTypes.dockerManifest);
  const isIn = await isWanted(context, await openManifest(context.needs, target));
  return { target, tags: image.tags, manifests: isIn ? [await finish(context, target)] : [] };
}

const layerTypes = { gzip: mediaTypes.dockerLayerGzip, zstd: mediaTypes.dockerLayerZstd } as const;

/** A layer in a form that has a media type: one that is xz or bzip2 becomes the tar itself. */
async function takeLayer(context: LoadContext, file: ArchivedFile): Promise<Descriptor> {
  const { needs, signal } = context;
  const { compression } = file;
  if (compression === undefined) return await takeBlob(context, file, mediaTypes.dockerLayer);
  if (compression === "gzip" || compression === "zstd") return await takeBlob(context, file, layerTypes[compression]);
  const packed = file.kind === "blob" ? await needs.content.open(file.digest) : openFile(file);
  await using plain = await needs.spool.add(streamOf(needs.inflater.inflate(packed)), { signal });
  return await takeBlob(context, { kind: "spooled", compression: undefined, file: plain }, mediaTypes.dockerLayer);
}

/** Puts a file of the archive into the content store. */
async function takeBlob({ needs, hold, signal }: LoadContext, file: ArchivedFile, mediaType: string): Promise<Descriptor> {
  const { digest, size } = describeFile(file);
  await hold.take("blob", digest);
  if (file.kind !== "blob")
    await needs.content.ingest({ digest, size }, openFile(file), { signal, isLasting: isUsed(needs, { kind: "blob", digest }) });
  return { mediaType, digest, size };
}

function describeFile(file: ArchivedFile): { readonly digest: Digest; readonly size: number } {
  if (file.kind === "blob") return file;
  if (file.kind === "spooled") return file.file;
  return { digest: `sha256:${createHash("sha256").update(file.bytes).digest("hex")}`, size: file.bytes.length };
}

function openFile(file: Exclude<ArchivedFile, { readonly kind: "blob" }>): ReadableStream<Uint8Array> {
  return file.kind === "spooled" ? file.file.open() : new Blob([file.bytes]).stream();
}

/** The bytes of a metadata file. @throws invalid when it is too large to be one */
async function readDocument({ needs }: Pick<LoadContext, "needs">, file: ArchivedFile, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file.kind === "bytes") return file.bytes;
  if (file.kind === "blob") return await needs.content.read(file.digest, maxArchiveDocument);
  throw fault("invalid", `${name} is larger than ${maxArchiveDocument} bytes`);
}

function hasBlob({ files }: LoadContext, { digest, size }: Descriptor): boolean {
  const file = files.find(`blobs/sha256/${hexOf(digest)}`);
  return file?.kind === "blob" && file.digest === digest && file.size === size;
}

/** A layout names its blobs by digest; what it lacks is not taken from other images. @throws invalid */
function requireBlob(context: LoadContext, descriptor: Descriptor): void {
  if (!hasBlob(context, descriptor)) throw fault("invalid", `archive lacks the blob ${descriptor.digest} of ${descriptor.size} bytes`);
}
