// push: what of an image is here goes to the repository that its name says. Blobs first, then manifests, the name last, so that whoever pulls
// meanwhile finds the old image or the new one.
import { type Digest, fault } from "#base";
import {
  type Descriptor,
  familiarName,
  formatFamiliar,
  formatReference,
  type Image,
  isIndexType,
  maxManifestSize,
  parseReference,
  type Reference,
} from "#image";
import { announceImage } from "./announce.ts";
import { blobsOf } from "./blobs-of.ts";
import type { PackedAnew } from "./bring-blobs.ts";
import { repositoryOf } from "./catalog.ts";
import { type ImageNeeds } from "./needs.ts";
import { allOrAbort, limit } from "./parallel.ts";
import { ProgressChannel } from "./progress-channel.ts";
import { pushBlob, type PushContext } from "./push-blob.ts";
import { choosePushed, type Pushed } from "./push-target.ts";
import { rewriteImage } from "./rewrite-image.ts";
import { sweep } from "./sweep.ts";
import type { Progress, PushRequest } from "./verbs.ts";

/** Sends an image under its name, or every tag of a repository when the name has none. All that fails, fails in the stream. */
export async function* push(needs: ImageNeeds, name: string, options: PushRequest): AsyncGenerator<Progress> {
  const reference = parseReference(name);
  yield { status: `The push refers to repository [${reference.domain}/${reference.path}]` };
  for (const tagged of tagsToPush(needs, reference)) yield* pushOne(needs, tagged, options);
}

function tagsToPush({ catalog }: Pick<ImageNeeds, "catalog">, reference: Reference): readonly Reference[] {
  if (reference.tag !== undefined || reference.digest !== undefined) return [reference];
  const repository = formatReference(reference);
  const tags = catalog.all().flatMap((image) => image.tags.filter((tag) => repositoryOf(tag) === repository));
  if (tags.length === 0) throw fault("not-found", `An image does not exist locally with the tag: ${familiarName(reference)}`);
  return tags.toSorted().map((tag) => parseReference(tag));
}

async function* pushOne(needs: ImageNeeds, reference: Reference, options: PushRequest): AsyncGenerator<Progress> {
  const image = reference.digest === undefined ? needs.catalog.named(formatReference(reference)) : undefined;
  if (image === undefined) throw fault("not-found", `tag does not exist: ${formatFamiliar(reference)}`);
  const pushed = await choosePushed(needs, image, { reference, platform: options.platform });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const channel = new ProgressChannel();
  if (pushed.insteadOf !== undefined) channel.push({ aux: strippedIndex(pushed.insteadOf, pushed.target) });
  const work = send(needs, { image, pushed, reference, channel, signal, options });
  channel.follow(work);
  try {
    yield* channel;
  } finally {
    stop.abort();
    await work.catch(() => {});
  }
}

interface Sending {
  readonly image: Image;
  readonly pushed: Pushed;
  readonly reference: Reference;
  readonly channel: ProgressChannel;
  readonly signal: AbortSignal;
  readonly options: PushRequest;
}

async function send(needs: ImageNeeds, { image, pushed, reference, channel, signal, options }: Sending): Promise<void> {
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  const failed = new AbortController();
  const call = { ...(options.credentials !== undefined && { credentials: options.credentials }) };
  const context: PushContext = { ...call, needs, image, reference, channel, hold, signal: AbortSignal.any([signal, failed.signal]) };
  const anew = await sendBlobs(context, pushed, failed);
  const { target, manifests } = anew.size === 0 ? pushed : await rewritten(context, pushed, anew);
  for (const { descriptor } of manifests)
    if (descriptor.digest !== target.digest) await put(context, descriptor, { digest: descriptor.digest });
  await put(context, target, { tag: reference.tag ?? "latest" });
  if (target.digest !== pushed.target.digest)
    channel.push({
      status: `Layers whose blobs were nowhere to be had were compressed anew: this is not ${pushed.target.digest} any more`,
    });
  channel.push({ status: `${reference.tag ?? "latest"}: digest: ${target.digest} size: ${target.size}` });
  announceImage(needs.announcer, "push", { actorId: formatFamiliar(reference), name: familiarName(reference), image });
}

/** Those that had to be sent as others, by the digests that they had. */
async function sendBlobs(context: PushContext, { blobs }: Pushed, failed: AbortController): Promise<ReadonlyMap<Digest, PackedAnew>> {
  const upload = limit(context.needs.parallelUploads());
  const each = [...new Map(blobs.map((blob) => [blob.descriptor.digest, blob])).values()];
  const sent = await allOrAbort(
    each.map((blob) => () => upload(async () => ({ digest: blob.descriptor.digest, anew: await pushBlob(context, blob) }))),
    failed,
  );
  return new Map(sent.flatMap(({ digest, anew }) => (anew === undefined ? [] : [[digest, anew] as const])));
}

/** Documents over what was sent have configs of their own, and those are sent here. */
async function rewritten(context: PushContext, pushed: Pushed, anew: ReadonlyMap<Digest, PackedAnew>): ReturnType<typeof rewriteImage> {
  const documents = await rewriteImage(context.needs, pushed, { ...context, anew });
  const sent = new Set(pushed.manifests.map(({ configDigest }) => configDigest));
  for (const manifest of documents.manifests) {
    const [, config] = blobsOf(manifest);
    if (config !== undefined && !sent.has(config.digest)) await pushBlob(context, { descriptor: config });
  }
  return documents;
}

/** Stores a manifest unless the repository has it there already: some let nobody write the same tag twice. */
async function put(context: PushContext, descriptor: Descriptor, under: Pick<Reference, "digest" | "tag">): Promise<void> {
  const { needs, hold, credentials, signal } = context;
  const call = { ...(credentials !== undefined && { credentials }), signal };
  const { domain, path } = context.reference;
  const reference = { domain, path, ...under };
  await hold.take("blob", descriptor.digest);
  const bytes = await needs.content.read(descriptor.digest, maxManifestSize);
  if ((await needs.registry.find(reference, call)) === descriptor.digest) return;
  await needs.registry.put(reference, { descriptor, bytes }, call);
}

/** In the form that Docker's client knows. */
function strippedIndex(index: Descriptor, selected: Descriptor): NonNullable<Progress["aux"]> {
  if (!isIndexType(index.mediaType)) throw new Error(`${index.digest} is no index`);
  return { manifestPushedInsteadOfIndex: true, originalIndex: index, selectedManifest: selected };
}
