import type { Digest } from "#base";

/** Reads blobs that were verified when they came in. */
export interface ContentProvider {
  /** Size in bytes, or undefined when the blob is not here. */
  stat(digest: Digest): Promise<number | undefined>;
  /** A whole small blob (manifest, config). @throws not-found; invalid above `limit` bytes */
  read(digest: Digest, limit: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes of a blob, read no faster than they are taken. @throws not-found */
  open(digest: Digest): Promise<ReadableStream<Uint8Array>>;
  /** Absolute path of the blob, for workers that inflate it. @throws not-found */
  path(digest: Digest): Promise<string>;
  /** Reads a whole blob and says what is wrong with it, in words; undefined when its bytes are what its name says. */
  verify(digest: Digest): Promise<string | undefined>;
}

/**
 * Takes blobs in. `ingest` reads the stream to its end while hashing it; when digest and size agree, bytes are synced (unless `isLasting` is
 * false) and the blob becomes visible by one rename. Otherwise nothing is visible and nothing stays. Idempotent: a blob that is already here is
 * kept, and the stream is cancelled unread. Two at once for one digest both succeed and leave one file.
 * @throws invalid when bytes and digest disagree
 */
export interface ContentIngester {
  ingest(
    expected: { readonly digest: Digest; readonly size?: number },
    bytes: ReadableStream<Uint8Array>,
    options?: IngestOptions,
  ): Promise<void>;
}

export interface IngestOptions {
  readonly signal?: AbortSignal;
  /** False: a power cut may take or spoil it until it is settled (`Settler`). Never for what a row names already. */
  readonly isLasting?: boolean;
  /** Called with the bytes taken so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** Removal is a rename into the trash; idempotent. */
export interface ContentStore extends ContentProvider, ContentIngester {
  remove(digest: Digest): Promise<void>;
  list(): Promise<readonly Digest[]>;
}
