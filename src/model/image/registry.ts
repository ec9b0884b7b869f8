import type { Digest } from "#base";
import type { Descriptor } from "./descriptor.ts";
import type { Reference } from "./reference.ts";
import type { Credentials } from "./registry-login.ts";

/** A manifest or index with the exact bytes that its digest is over. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Who asks, and until when. Credentials are shown to the registry that they are for alone; without them nobody asks. */
export interface RegistryCall {
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
}

/**
 * Reads images from registries (OCI distribution spec 1.1, Docker schema 2), with the caller's credentials or as nobody.
 *
 * `manifest` fetches what a reference (tag or digest) points to, at most 4 MiB, digest computed over raw bytes and
 * compared with a digest reference. `blob` opens a stream of unverified bytes; the caller verifies. `tags` lists a repository's, of which there
 * may be 10,000 at most.
 * @throws not-found, unauthorized, unavailable, with Docker's sentences ("manifest for x not found: manifest unknown: manifest unknown")
 */
export interface Registry {
  manifest(reference: Reference, options: RegistryCall & { readonly digest?: Digest }): Promise<FetchedManifest>;
  tags(reference: Reference, options: RegistryCall): Promise<readonly string[]>;
  blob(reference: Reference, descriptor: Descriptor, options: RegistryCall): Promise<ReadableStream<Uint8Array>>;
}
