import type { Digest } from "#base";
import type { ByteString } from "./byte-string.ts";

/** A blob to unpack and what its uncompressed bytes must hash to. */
export interface LayerSource {
  readonly diffId: Digest;
  /** A verified file on this machine: the blob of a content store, or a tar in a spool folder. */
  readonly path: string;
  readonly mediaType: string;
  /** Where in the file the layer lies; the whole file when absent. */
  readonly range?: { readonly offset: number; readonly size: number };
}

export interface UnpackedLayer {
  readonly diffId: Digest;
  /** Bytes of file content in the layer. */
  readonly size: number;
}

export interface UnpackOptions {
  readonly signal?: AbortSignal;
  /** As of a blob (`IngestOptions`). */
  readonly isLasting?: boolean;
}

/** What reading a whole layer has shown. `unknown`: it cannot be told without the blob that it came from. */
export type LayerVerdict =
  | { readonly state: "sound" }
  | { readonly state: "damaged"; readonly reason: string }
  | { readonly state: "unknown"; readonly reason: string };

/**
 * Unpacked layers, keyed by diff id and shared by all images.
 *
 * `unpack` reads the blob once, checks the diff id over the uncompressed bytes, and makes the layer visible by one rename after a sync (which
 * is left to a `Settler` where `isLasting` is false); it does not depend on any other layer, and two at once for one diff id unpack once. When it throws, nothing is visible and nothing stays.
 * `driver` is what `info` names: "sealed" or "directory" is what new layers become, and those of the other kind stay usable; drafts of a build
 * will stand behind the same port.
 * `verify` reads all of a layer as it lies on disk and compares it with what it was made from; `source` is its blob where that is here, and known
 * to be sound. It changes nothing, and a layer that is in use may be verified.
 * `lowerdir` is where the layer can be read through the overlay, once `attach` has seen to it; `attach` costs nothing when it is so, and `anew`
 * makes it look again, for whoever did not find a layer there. `remove` is a rename into the trash.
 * @throws invalid: broken tar, wrong diff id, an entry that would leave the layer
 */
export interface LayerStore {
  readonly driver: string;
  has(diffId: Digest): Promise<boolean>;
  unpack(source: LayerSource, options?: UnpackOptions): Promise<UnpackedLayer>;
  attach(layers: readonly Digest[], options?: { readonly anew: boolean }): Promise<void>;
  lowerdir(diffId: Digest): string;
  /**
   * Folders that the layer's archive only implied, as paths from the root, parents first (absent: none). They stand in `lowerdir` as root's, 0755; whoever
   * stacks layers gives them the attributes that the layers below have for them.
   */
  implied?(diffId: Digest): readonly ByteString[];
  /** The very bytes that the layer was made from, uncompressed, where the store keeps them. Opened when they are read. */
  archive?(diffId: Digest): AsyncIterable<Uint8Array> | undefined;
  verify(diffId: Digest, source?: LayerSource): Promise<LayerVerdict>;
  remove(diffId: Digest): Promise<void>;
  list(): Promise<readonly UnpackedLayer[]>;
}
