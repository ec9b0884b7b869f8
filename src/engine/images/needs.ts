import type { Digest } from "#base";
import type { Announcer } from "#event";
import type { HeldImage } from "#container";
import type {
  ArchiveSpool,
  ContentStore,
  Downloads,
  Inflater,
  LayerStore,
  Platform,
  Registry,
  RegistryPush,
  RegistrySearch,
  Settler,
} from "#image";
import type { BlobFetches } from "./blob-fetches.ts";
import type { ImageCatalog } from "./catalog.ts";
import type { LostRows } from "../system/lost-rows.ts";
import type { Holds } from "./holds.ts";
import type { LayerBlobs } from "./layer-blobs.ts";

/** A container as far as its image is concerned. */
export interface ImageUser {
  readonly containerId: string;
  readonly image: HeldImage;
  readonly running: boolean;
}

/** Everything that verbs of images may need; each takes the few it names. */
export interface ImageNeeds {
  readonly content: ContentStore;
  readonly layers: LayerStore;
  readonly settler: Settler;
  readonly registry: Registry & RegistryPush & RegistrySearch;
  readonly downloads: Downloads;
  readonly spool: ArchiveSpool;
  readonly inflater: Inflater;
  readonly announcer: Announcer;
  readonly catalog: ImageCatalog;
  readonly holds: Holds;
  readonly fetches: BlobFetches;
  readonly layerBlobs: LayerBlobs;
  /** A layer as a tar, made of what lies on disk. */
  layerTar(diffId: Digest): AsyncIterable<Uint8Array>;
  /** Bytes of the disk that all of this lies on. */
  disk(): Promise<{ readonly free: number; readonly whole: number }>;
  /** Bytes of layers' blobs that are kept at most; undefined: while the disk has room. */
  layerBlobBudget(): number | undefined;
  /** What this machine runs. */
  readonly platform: Platform;
  /** How many layers of one image are downloaded at once. */
  parallelDownloads(): number;
  /** How many blobs of one image are uploaded at once. */
  parallelUploads(): number;
  /** Every container there is. */
  users(): readonly ImageUser[];
  /** Rows that are lost may have named anything: nothing is garbage while there are any. */
  readonly lost: Pick<LostRows, "any">;
}
