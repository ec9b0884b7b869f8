import type { Digest } from "#base";
import type { Descriptor, ImageManifest } from "#image";
import type { StoredImage } from "./catalog.ts";

/** An image as the state database keeps it, keyed by its id. */
export interface ImageRow {
  readonly version: 1;
  readonly id: Digest;
  readonly target: Descriptor;
  readonly manifests: readonly ImageManifest[];
  readonly tags: readonly string[];
  /** Names with digest that were asked for as such. */
  readonly pinned: readonly string[];
  /** Nanoseconds since the epoch, in decimal. */
  readonly taggedAt: string;
}

export function toRow(image: StoredImage): ImageRow {
  const { id, target, manifests, tags, pinned, taggedAt } = image;
  return { version: 1, id, target, manifests, tags, pinned, taggedAt: taggedAt.toString() };
}

export function fromRow(row: ImageRow): StoredImage {
  const { id, target, manifests, tags, pinned, taggedAt } = row;
  return { id, target, manifests, tags, pinned, taggedAt: BigInt(taggedAt) };
}
