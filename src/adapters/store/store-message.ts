// What the daemon and its store threads say to each other: one closed union each way. A job is opened by `ingest` or `unpack` and ends with
// `done` or `failed`; ids are the daemon's.
import type { Digest, Fault } from "#base";
import type { ByteString } from "#image";
import type { FileRange } from "./inflate.ts";

/** A layer to unpack into `folder` (made by the thread) and to move to `target` when it is whole. */
export interface UnpackJob {
  readonly diffId: Digest;
  readonly form: LayerRecord["form"];
  readonly source: FileRange;
  readonly folder: string;
  readonly target: string;
  /** Whether it is synced before it moves; otherwise `settle` does that for many. */
  readonly isLasting: boolean;
}

/** A blob to write to `path` and to move to `target` when its digest and size are right. */
export interface IngestJob {
  readonly digest: Digest;
  readonly size: number | undefined;
  readonly path: string;
  readonly target: string;
  readonly isLasting: boolean;
}

/** File systems to sync, and files whose pages nobody needs in memory once that is done. */
export interface SettleJob {
  readonly folders: readonly string[];
  readonly unneeded: readonly string[];
}

/** What a layer's metadata file holds, and what unpacking gives. */
export interface LayerRecord {
  readonly version: 1;
  /** What lies beside the record: a tree of files, or an archive with its index. */
  readonly form: "tree" | "sealed";
  readonly size: number;
  /** Folders that no entry of the layer described. */
  readonly implied: readonly ByteString[];
}

/** What is asked about files that lie there; each answer is a sentence about the first difference, or none. */
export type VerifyJob =
  | { readonly what: "blob"; readonly path: string; readonly digest: Digest }
  | { readonly what: "trees"; readonly tree: string; readonly model: string }
  | { readonly what: "sealed"; readonly folder: string; readonly diffId: Digest; readonly record: LayerRecord };

export type StoreRequest =
  | { readonly type: "unpack"; readonly id: number; readonly job: UnpackJob }
  | { readonly type: "verify"; readonly id: number; readonly job: VerifyJob }
  | { readonly type: "settle"; readonly id: number; readonly job: SettleJob }
  | { readonly type: "ingest"; readonly id: number; readonly job: IngestJob }
  | { readonly type: "bytes"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: "end"; readonly id: number }
  | { readonly type: "cancel"; readonly id: number };

export type StoreReply =
  | { readonly type: "unpacked"; readonly id: number; readonly record: LayerRecord }
  | { readonly type: "verified"; readonly id: number; readonly difference: string | undefined }
  | { readonly type: "settled"; readonly id: number }
  | { readonly type: "taken"; readonly id: number; readonly bytes: number }
  | { readonly type: "ingested"; readonly id: number }
  | { readonly type: "failed"; readonly id: number; readonly fault: Fault; readonly message: string };
