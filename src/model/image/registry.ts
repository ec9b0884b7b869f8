import type { Digest } from "#base";
import type { Descriptor } from "./descriptor.ts";
import type { Reference } from "./reference.ts";

/** A manifest or index with the exact bytes that its digest is over. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads images from registries (OCI distribution spec 1.1, Docker schema 2), anonymously or with an anonymous bearer token.
 *
 * `manifest` fetches what a reference (tag or digest) points to, at most 4 MiB, digest computed over raw bytes and
 * compared with a digest reference. `blob` opens a stream of unverified bytes; the caller verifies.
 * @throws not-found, unauthorized, unavailable, with Docker's sentences ("manifest for x not found: manifest unknown: manifest unknown")
 */
export interface Registry {
  manifest(reference: Reference, options: { readonly digest?: Digest; readonly signal: AbortSignal }): Promise<FetchedManifest>;
  blob(reference: Reference, descriptor: Descriptor, options: { readonly signal: AbortSignal }): Promise<ReadableStream<Uint8Array>>;
}
