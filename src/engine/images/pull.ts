// pull: resolve the name to a target and this platform's manifest (errors up to here are the reply), then fetch config and
// layers in parallel, verified while streaming, unpack each as it comes, and commit image and name in one step.
import { EngineError, fault, hexOf, messageOf, shortId } from "#base";
import {
  type Credentials,
  type Descriptor,
  type FetchedManifest,
  familiarName,
  formatFamiliar,
  formatPlatform,
  formatReference,
  type ImageManifest,
  parseManifest,
  parseReference,
  type Platform,
  type Reference,
  type RegistryCall,
  selectPlatform,
} from "#image";
import type { Progress, PullRequest } from "./verbs.ts";
import { announceImage } from "./announce.ts";
import { describeManifest, openConfig, openManifest, sizeOfUnpacked, unpackLayer } from "./assemble.ts";
import type { HeldItem, Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { allOrAbort, limit, paced } from "./parallel.ts";
import { ProgressChannel } from "./progress-channel.ts";
import { isUsed, itemsOf, sweep } from "./sweep.ts";

/** What a name stands for at its registry. */
interface Resolved {
  readonly reference: Reference;
  readonly target: FetchedManifest;
  /** Of the wanted platform; the target itself when that is no index. */
  readonly manifest: FetchedManifest;
}

interface PullContext {
  readonly needs: ImageNeeds;
  readonly reference: Reference;
  readonly channel: ProgressChannel;
  readonly hold: Hold;
  /** The image was here and something of it is not any more: blobs come again even where their layers are. */
  readonly mends: boolean;
  /** Whoever asks for it, as the registry shall know them. */
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
}

export async function* pull(needs: ImageNeeds, name: string, options: PullRequest): AsyncGenerator<Progress> {
  const reference = parseReference(name);
  if (reference.tag === undefined && reference.digest === undefined) yield* pullEveryTag(needs, reference, options);
  else yield* pullOne(needs, reference, options);
}

/** One after the other, as Docker does; what fails ends it. */
async function* pullEveryTag(needs: ImageNeeds, reference: Reference, options: PullRequest): AsyncGenerator<Progress> {
  const { credentials, signal } = options;
  for (const tag of await needs.registry.tags(reference, { ...(credentials !== undefined && { credentials }), signal })) {
    const tagged = { ...reference, tag };
    try {
      yield* pullOne(needs, tagged, options);
    } catch (cause) {
      signal.throwIfAborted();
      const kind = cause instanceof EngineError ? cause.fault : "internal";
      throw fault(kind, `error pulling ${formatFamiliar(tagged)}: ${messageOf(cause)}`, { cause });
    }
  }
}

async function* pullOne(needs: ImageNeeds, reference: Reference, options: PullRequest): AsyncGenerator<Progress> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const call = { ...(options.credentials !== undefined && { credentials: options.credentials }), signal };
  const resolved = await resolve(needs, reference, { platform: options.platform ?? needs.platform, call });
  const channel = new ProgressChannel();
  const work = fetchAndCommit(needs, resolved, { channel, ...call });
  channel.follow(work);
  try {
    yield {
      id: reference.digest === undefined ? (reference.tag ?? "") : formatFamiliar(reference),
      status: `Pulling from ${reference.path}`,
    };
    yield* channel;
  } finally {
    stop.abort();
    await work.catch(() => {});
  }
}

async function resolve(
  needs: Pick<ImageNeeds, "registry">,
  reference: Reference,
  { platform, call }: { readonly platform: Platform; readonly call: RegistryCall },
): Promise<Resolved> {
  const target = await needs.registry.manifest(reference, call);
  const document = parseManifest(target.bytes, target.descriptor.mediaType);
  if (document.kind === "manifest") return { reference, target, manifest: target };
  const descriptor = selectPlatform(platform, document.manifests);
  if (descriptor === undefined) throw noSuchPlatform(platform, document.manifests);
  const manifest = await needs.registry.manifest(reference, { ...call, digest: descriptor.digest });
  parseManifest(manifest.bytes, descriptor.mediaType);
  return { reference, target, manifest: { ...manifest, descriptor: withPlatform(manifest.descriptor, descriptor.platform) } };
}

/** The index knows variants that configs of old do not tell. */
function withPlatform({ mediaType, digest, size }: Descriptor, platform: Platform | undefined): Descriptor {
  return { mediaType, digest, size, ...(platform !== undefined && { platform }) };
}

/** In Docker's words, and which there are. */
function noSuchPlatform(wanted: Platform, manifests: readonly Descriptor[]): EngineError {
  const words = `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries: no match for platform in manifest: not found`;
  const known = manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === "unknown" ? [] : [formatPlatform(platform)],
  );
  return fault("not-found", known.length === 0 ? words : `${words} (there are ${[...new Set(known)].join(", ")})`);
}

async function fetchAndCommit(
  needs: ImageNeeds,
  { reference, target, manifest }: Resolved,
  call: RegistryCall & { readonly channel: ProgressChannel },
): Promise<void> {
  const { channel } = call;
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  const before = needs.catalog.named(formatReference(reference));
  const find = (): ImageManifest | undefined =>
    needs.catalog.get(target.descriptor.digest)?.manifests.find(({ descriptor }) => descriptor.digest === manifest.descriptor.digest);
  const known = find();
  const isWhole = known !== undefined && (await holdsAll(needs, hold, itemsOf(target.descriptor.digest, [known])));
  // Looked for anew: it may have been removed meanwhile.
  const described =
    (isWhole ? find() : undefined) ?? (await fetchImage({ ...call, needs, reference, hold, mends: known !== undefined }, target, manifest));
  const image = await needs.catalog.put(target.descriptor, [described], [formatReference(reference)]);
  channel.push({ status: `Digest: ${image.id}` });
  const familiar = formatFamiliar(reference);
  channel.push({ status: `Status: ${before?.id === image.id ? "Image is up to date" : "Downloaded newer image"} for ${familiar}` });
  announceImage(needs.announcer, "pull", { actorId: familiar, name: familiarName(reference), image });
}

/** Takes hold of everything; true when all of it is here. What a check of the stores has dropped is not. */
async function holdsAll(
  { content, layers, layerBlobs }: Pick<ImageNeeds, "content" | "layers" | "layerBlobs">,
  hold: Hold,
  items: readonly HeldItem[],
): Promise<boolean> {
  for (const { kind, digest } of items) await hold.take(kind, digest);
  const there = await Promise.all(
    items.map(async ({ kind, digest }) =>
      kind === "layer" ? await layers.has(digest) : layerBlobs.isSpared(digest) || (await content.stat(digest)) !== undefined,
    ),
  );
  return !there.includes(false);
}

async function fetchImage(context: PullContext, target: FetchedManifest, fetched: FetchedManifest): Promise<ImageManifest> {
  const { needs, reference, hold, signal } = context;
  for (const { descriptor, bytes } of [target, fetched]) {
    await hold.take("blob", descriptor.digest);
    const isLasting = isUsed(needs, { kind: "blob", digest: descriptor.digest });
    await needs.content.ingest(descriptor, streamOf(bytes), { signal, isLasting });
  }
  const manifest = await openManifest(needs, fetched.descriptor);
  await hold.take("blob", manifest.configDescriptor.digest);
  await needs.fetches.fetch(reference, manifest.configDescriptor, context);
  const config = await openConfig(needs, manifest);
  const failed = new AbortController();
  const inner = { ...context, signal: AbortSignal.any([signal, failed.signal]) };
  const download = limit(needs.parallelDownloads());
  const layers = manifest.layers.map((blob, index) => ({ blob, diffId: config.diffIds[index] ?? blob.digest }));
  const sizes = await allOrAbort(
    layers.map((layer) => () => fetchLayer(inner, layer, download)),
    failed,
  );
  await needs.settler.settle();
  return describeManifest(
    manifest,
    config,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}

async function fetchLayer(
  context: PullContext,
  layer: { readonly blob: Descriptor; readonly diffId: `sha256:${string}` },
  download: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<number> {
  const { needs, reference, channel, hold, signal } = context;
  const id = shortId(hexOf(layer.blob.digest));
  await hold.take("blob", layer.blob.digest);
  await hold.take("layer", layer.diffId);
  const known = await sizeOfUnpacked(needs.layers, layer.diffId);
  const isHere = (await needs.content.stat(layer.blob.digest)) !== undefined;
  const isLost = context.mends && !isHere && !needs.layerBlobs.isSpared(layer.blob.digest);
  needs.layerBlobs.seen(layer, reference);
  if (known !== undefined && !isLost) {
    if (!isHere) await needs.layerBlobs.spare(layer);
    channel.push({ id, status: "Already exists" });
    return known;
  }
  channel.push({ id, status: "Pulling fs layer" });
  const onProgress = paced((current) => channel.push({ id, status: "Downloading", current, total: layer.blob.size }));
  await download(() => needs.fetches.fetch(reference, layer.blob, { ...context, onProgress }));
  needs.layerBlobs.arrived(layer.blob.digest);
  channel.push({ id, status: "Download complete" });
  channel.push({ id, status: "Extracting" });
  const size = await unpackLayer(needs, layer, { hold, signal });
  channel.push({ id, status: "Pull complete" });
  return size;
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
