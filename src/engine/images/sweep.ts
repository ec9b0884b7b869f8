import type { Digest } from "#base";
import type { ImageManifest } from "#image";
import { blobsOf } from "./blobs-of.ts";
import type { HeldItem } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { trimBlobs } from "./trim-blobs.ts";

type SweepNeeds = Pick<
  ImageNeeds,
  "catalog" | "content" | "disk" | "holds" | "layerBlobBudget" | "layerBlobs" | "layers" | "lost" | "users"
>;

/** Removes those of the candidates that no image, no container and no running verb uses, and of blobs what is too much; nothing while rows are lost. */
export async function sweep(needs: SweepNeeds, candidates: readonly HeldItem[]): Promise<void> {
  const { holds, lost } = needs;
  if (lost.any) return;
  for (const item of candidates) {
    // Looked up anew for each: another verb may have committed an image since the last removal.
    if (isUsed(needs, item)) continue;
    if (item.kind === "blob") needs.layerBlobs.forget(item.digest);
    await holds.discard(item, () => storeOf(needs, item).remove(item.digest));
  }
  await trimBlobs(needs);
}

/**
 * As sweep, over everything that is stored: what a crash left behind. A power cut may have spoiled what was not settled, which is why none of it
 * may stay unread even while rows are lost.
 */
export async function sweepAll(needs: SweepNeeds): Promise<void> {
  const blobs = (await needs.content.list()).map((digest) => ({ kind: "blob", digest }) as const);
  const layers = (await needs.layers.list()).map(({ diffId }) => ({ kind: "layer", digest: diffId }) as const);
  if (!needs.lost.any) return await sweep(needs, [...blobs, ...layers]);
  for (const item of [...blobs, ...layers])
    if (!isUsed(needs, item) && (await isSpoiled(needs, item))) await storeOf(needs, item).remove(item.digest);
}

async function isSpoiled({ content, layers }: SweepNeeds, { kind, digest }: HeldItem): Promise<boolean> {
  return kind === "blob" ? (await content.verify(digest)) !== undefined : (await layers.verify(digest)).state === "damaged";
}

function storeOf({ content, layers }: SweepNeeds, { kind }: HeldItem): { remove(digest: Digest): Promise<void> } {
  return kind === "blob" ? content : layers;
}

/** Everything that an image keeps in the stores. */
export function itemsOf(target: Digest, manifests: readonly ImageManifest[]): readonly HeldItem[] {
  const blobs = [target, ...manifests.flatMap(blobsOf).map(({ digest }) => digest)];
  const layers = manifests.flatMap(({ diffIds }) => diffIds);
  return [...blobs.map((digest) => ({ kind: "blob", digest }) as const), ...layers.map((digest) => ({ kind: "layer", digest }) as const)];
}

/** Whether an image or a container names it: then it must outlive a power cut from the moment that it is there. */
export function isUsed({ catalog, users }: Pick<SweepNeeds, "catalog" | "users">, { kind, digest }: HeldItem): boolean {
  if (kind === "layer" && users().some(({ image }) => image.layers.includes(digest))) return true;
  return catalog
    .all()
    .some(({ target, manifests }) =>
      kind === "blob"
        ? target.digest === digest || manifests.some((manifest) => blobsOf(manifest).some((blob) => blob.digest === digest))
        : manifests.some(({ diffIds }) => diffIds.includes(digest)),
    );
}
