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
  const { content, layers, holds, lost } = needs;
  if (lost.any) return;
  for (const item of candidates) {
    // Looked up anew for each: another verb may have committed an image since the last removal.
    if (isUsed(needs, item)) continue;
    if (item.kind === "blob") needs.layerBlobs.forget(item.digest);
    await holds.discard(item, () => (item.kind === "blob" ? content : layers).remove(item.digest));
  }
  await trimBlobs(needs);
}

/** As sweep, over everything that is stored: what a crash left behind. */
export async function sweepAll(needs: SweepNeeds): Promise<void> {
  const blobs = (await needs.content.list()).map((digest) => ({ kind: "blob", digest }) as const);
  const layers = (await needs.layers.list()).map(({ diffId }) => ({ kind: "layer", digest: diffId }) as const);
  await sweep(needs, [...blobs, ...layers]);
}

/** Everything that an image keeps in the stores. */
export function itemsOf(target: Digest, manifests: readonly ImageManifest[]): readonly HeldItem[] {
  const blobs = [target, ...manifests.flatMap(blobsOf).map(({ digest }) => digest)];
  const layers = manifests.flatMap(({ diffIds }) => diffIds);
  return [...blobs.map((digest) => ({ kind: "blob", digest }) as const), ...layers.map((digest) => ({ kind: "layer", digest }) as const)];
}

function isUsed({ catalog, users }: SweepNeeds, { kind, digest }: HeldItem): boolean {
  if (kind === "layer" && users().some(({ image }) => image.layers.includes(digest))) return true;
  return catalog
    .all()
    .some(({ target, manifests }) =>
      kind === "blob"
        ? target.digest === digest || manifests.some((manifest) => blobsOf(manifest).some((blob) => blob.digest === digest))
        : manifests.some(({ diffIds }) => diffIds.includes(digest)),
    );
}
