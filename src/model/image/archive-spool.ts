import type { Digest } from "#base";

/** A file of which the digest was learned while it was written. Disposing deletes it. */
export interface SpooledFile extends AsyncDisposable {
  readonly digest: Digest;
  readonly size: number;
  /** Reads it from its start, as often as asked. */
  open(): ReadableStream<Uint8Array>;
}

/** Keeps bytes of an archive on disk until it is known what they are. Nothing in it outlives the daemon. */
export interface ArchiveSpool {
  add(bytes: ReadableStream<Uint8Array>, options: { readonly signal: AbortSignal }): Promise<SpooledFile>;
}
