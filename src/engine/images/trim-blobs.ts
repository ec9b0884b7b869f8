// The blobs of layers are a cache: what can be had again goes, oldest first, when they are more than they may be or the disk is nearly full.
import type { Digest } from "#base";
import type { LayerBlob } from "./layer-blobs.ts";
import type { ImageNeeds } from "./needs.ts";

type TrimNeeds = Pick<ImageNeeds, "catalog" | "content" | "disk" | "holds" | "layerBlobBudget" | "layerBlobs" | "layers">;

/** A layer's blob that is stored here. */
export interface CachedBlob extends LayerBlob {
  /** Another repository has it, or the layer's archive is it. */
  readonly isToBeHadAgain: boolean;
  readonly usedAt: number;
}

export interface Room {
  /** Bytes of blobs that may be kept; undefined: as many as the disk has room for. */
  readonly budget: number | undefined;
  readonly disk: { readonly free: number; readonly whole: number };
}

/** Bytes that a disk must have free, or it is nearly full: a twentieth of it, and no more than this. */
const mostKeptFree = 2 * 1024 ** 3;

/** Bytes by which a disk is nearly full. */
function lackingOn({ free, whole }: Room["disk"]): number {
  return Math.min(whole / 20, mostKeptFree) - free;
}

/** Which blobs go, oldest first, until what is left fits. */
export function planTrim(blobs: readonly CachedBlob[], { budget, disk }: Room): readonly CachedBlob[] {
  const kept = blobs.reduce((sum, { blob }) => sum + blob.size, 0);
  let over = Math.max(budget === undefined ? 0 : kept - budget, lackingOn(disk));
  const going: CachedBlob[] = [];
  for (const each of blobs.filter(({ isToBeHadAgain }) => isToBeHadAgain).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (over <= 0) break;
    going.push(each);
    over -= each.blob.size;
  }
  return going;
}

/** Drops what is too much. A disk that does not take the row of a blob any more keeps the blob. */
export async function trimBlobs(needs: TrimNeeds): Promise<void> {
  const budget = needs.layerBlobBudget();
  const disk = await needs.disk();
  if (budget === undefined && lackingOn(disk) <= 0) return;
  for (const cached of planTrim(await cachedBlobs(needs), { budget, disk })) {
    const item = { kind: "blob", digest: cached.blob.digest } as const;
    if (needs.holds.isHeld(item)) continue;
    try {
      // First, or a check would miss it after a crash.
      await needs.layerBlobs.spare(cached);
    } catch {
      return;
    }
    await needs.holds.discard(item, () => needs.content.remove(item.digest));
  }
}

async function cachedBlobs({ catalog, content, layerBlobs, layers }: TrimNeeds): Promise<readonly CachedBlob[]> {
  const cached = new Map<Digest, CachedBlob>();
  for (const manifest of catalog.all().flatMap(({ manifests }) => manifests)) {
    for (const [index, blob] of manifest.layers.entries()) {
      const diffId = manifest.diffIds[index];
      if (diffId === undefined || cached.has(blob.digest) || (await content.stat(blob.digest)) === undefined) continue;
      const isElsewhere = layerBlobs.origins(blob.digest).length > 0 || layers.archive?.(blob.digest) !== undefined;
      const isToBeHadAgain = isElsewhere && (await layers.has(diffId));
      cached.set(blob.digest, { blob, diffId, isToBeHadAgain, usedAt: layerBlobs.usedAt(blob.digest) });
    }
  }
  return [...cached.values()];
}
