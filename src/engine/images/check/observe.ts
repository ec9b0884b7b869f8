// Reads every byte that images keep and holds it against what it is called. Nothing is changed; what is read is held, so that no removal
// makes a flaw of it meanwhile, and what a running verb holds and nobody names yet is left alone.
import { type Digest, hexOf, messageOf, shortId } from "#base";
import { type Descriptor, formatFamiliar, type Image, type LayerSource, parseReference } from "#image";
import { blobsOf } from "../blobs-of.ts";
import type { Hold, HeldItem } from "../holds.ts";
import type { ImageNeeds } from "../needs.ts";
import type { Flaw } from "./flaw.ts";

type ObserveNeeds = Pick<ImageNeeds, "catalog" | "content" | "holds" | "layerBlobs" | "layers" | "lost" | "users">;

/** A blob that an image names. */
export interface WantedBlob {
  readonly descriptor: Descriptor;
  readonly images: readonly Image[];
}

/** A layer that an image or a container names, and the blobs that it can be made of. */
export interface WantedLayer {
  readonly blobs: readonly Descriptor[];
  readonly usedBy: readonly string[];
}

/** What there should be. */
export interface Wanted {
  readonly blobs: ReadonlyMap<Digest, WantedBlob>;
  readonly layers: ReadonlyMap<Digest, WantedLayer>;
}

/** What there is and is not right. */
export interface Observation {
  readonly wanted: Wanted;
  readonly blobs: number;
  readonly layers: number;
  /** Layers of those that could not be held against a blob, since nobody keeps it here. */
  readonly unjudged: number;
  readonly flaws: readonly Flaw[];
}

export async function observe(
  needs: ObserveNeeds,
  { hold, signal }: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<Observation> {
  const unused = await unusedItems(needs, wantedOf(needs));
  const wanted = wantedOf(needs);
  const flaws: Flaw[] = unused.map((item) => ({ item, problem: "unused", reason: "", usedBy: [] }));
  const spared = new Set<Digest>();
  for (const [digest, { images }] of wanted.blobs) {
    signal.throwIfAborted();
    await hold.take("blob", digest);
    if (await isSpared(needs, digest)) {
      spared.add(digest);
      continue;
    }
    const flaw = await blobFlaw(needs, digest);
    if (flaw !== undefined) flaws.push({ item: { kind: "blob", digest }, usedBy: images.map(nameOf), ...flaw });
  }
  const isSound = (digest: Digest): boolean =>
    !spared.has(digest) && !flaws.some(({ item }) => item.kind === "blob" && item.digest === digest);
  let unjudged = 0;
  for (const [digest, { blobs, usedBy }] of wanted.layers) {
    signal.throwIfAborted();
    await hold.take("layer", digest);
    const blob = blobs.find((each) => isSound(each.digest));
    const flaw = await layerFlaw(needs, digest, blob);
    if (flaw === undefined) continue;
    const [source] = blob === undefined ? blobs.filter((each) => spared.has(each.digest)) : [];
    if (source !== undefined && flaw.problem === "unknown") {
      unjudged += 1;
      continue;
    }
    if (source !== undefined)
      flaws.push({ item: { kind: "blob", digest: source.digest }, usedBy, problem: "missing", reason: `layer ${digest} is made of it` });
    flaws.push({ item: { kind: "layer", digest }, usedBy, ...flaw });
  }
  return { wanted, blobs: wanted.blobs.size - spared.size, layers: wanted.layers.size, unjudged, flaws };
}

/** A layer's blob that may be gone, and is. */
async function isSpared({ content, layerBlobs }: Pick<ObserveNeeds, "content" | "layerBlobs">, digest: Digest): Promise<boolean> {
  return layerBlobs.isSpared(digest) && (await content.stat(digest)) === undefined;
}

/** What images and containers name now. */
function wantedOf({ catalog, users }: Pick<ObserveNeeds, "catalog" | "users">): Wanted {
  const blobs = new Map<Digest, { readonly descriptor: Descriptor; readonly images: Image[] }>();
  const layers = new Map<Digest, { readonly blobs: Descriptor[]; readonly usedBy: string[] }>();
  const layer = (diffId: Digest): { readonly blobs: Descriptor[]; readonly usedBy: string[] } => {
    const known = layers.get(diffId) ?? { blobs: [], usedBy: [] };
    layers.set(diffId, known);
    return known;
  };
  for (const image of catalog.all()) {
    for (const descriptor of [image.target, ...image.manifests.flatMap(blobsOf)]) {
      const known = blobs.get(descriptor.digest) ?? { descriptor, images: [] };
      if (!known.images.includes(image)) known.images.push(image);
      blobs.set(descriptor.digest, known);
    }
    for (const { diffIds, layers: packed } of image.manifests) {
      for (const [index, diffId] of diffIds.entries()) {
        const { blobs: sources, usedBy } = layer(diffId);
        const blob = packed[index];
        if (blob !== undefined && !sources.some(({ digest }) => digest === blob.digest)) sources.push(blob);
        if (!usedBy.includes(nameOf(image))) usedBy.push(nameOf(image));
      }
    }
  }
  for (const { containerId, image } of users())
    for (const diffId of image.layers) layer(diffId).usedBy.push(`container ${shortId(containerId)}`);
  return { blobs, layers };
}

function nameOf({ id, tags }: Image): string {
  const [tag] = tags;
  return tag === undefined ? shortId(hexOf(id)) : formatFamiliar(parseReference(tag));
}

async function unusedItems({ content, layers, holds, lost }: ObserveNeeds, wanted: Wanted): Promise<readonly HeldItem[]> {
  if (lost.any) return [];
  const blobs = (await content.list()).map((digest): HeldItem => ({ kind: "blob", digest }));
  const unpacked = (await layers.list()).map(({ diffId }): HeldItem => ({ kind: "layer", digest: diffId }));
  return [...blobs, ...unpacked].filter((item) => {
    const named = item.kind === "blob" ? wanted.blobs : wanted.layers;
    return !named.has(item.digest) && !holds.isHeld(item);
  });
}

type Found = Pick<Flaw, "problem" | "reason"> | undefined;

async function blobFlaw({ content }: Pick<ObserveNeeds, "content">, digest: Digest): Promise<Found> {
  if ((await content.stat(digest)) === undefined) return { problem: "missing", reason: "" };
  const reason = await content.verify(digest);
  return reason === undefined ? undefined : { problem: "damaged", reason };
}

async function layerFlaw(needs: Pick<ObserveNeeds, "content" | "layers">, diffId: Digest, blob: Descriptor | undefined): Promise<Found> {
  if (!(await needs.layers.has(diffId))) return { problem: "missing", reason: "" };
  try {
    const verdict = await needs.layers.verify(diffId, blob === undefined ? undefined : await sourceOf(needs, diffId, blob));
    return verdict.state === "sound" ? undefined : { problem: verdict.state, reason: verdict.reason };
  } catch (error) {
    // No room to unpack it to the side, most of all: that is not the layer's fault.
    return { problem: "unknown", reason: messageOf(error) };
  }
}

/** A layer's blob as the layer store takes it. */
export async function sourceOf({ content }: Pick<ObserveNeeds, "content">, diffId: Digest, blob: Descriptor): Promise<LayerSource> {
  return { diffId, path: await content.path(blob.digest), mediaType: blob.mediaType };
}
