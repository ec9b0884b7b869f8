import type { Digest } from "#base";
import type { Descriptor } from "./descriptor.ts";
import type { Reference } from "./reference.ts";
import type { FetchedManifest, RegistryCall } from "./registry.ts";

/** How a blob gets into a repository. */
export interface BlobUpload extends RegistryCall {
  /** The path of a repository of the same registry that has the blob: it may be taken from there. */
  readonly from?: string;
  /** The blob's bytes from the first one; called again when the upload begins anew. Without it the blob can only be taken from elsewhere. */
  readonly open?: () => Promise<ReadableStream<Uint8Array>>;
  /** Called with the bytes sent so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Writes into a repository (OCI distribution spec 1.1, "Push"). Nothing of an image is seen in a registry before its manifest is, so a push
 * sends blobs, then manifests, then the index that names them. Every step is idempotent.
 *
 * `find` tells the digest that the repository has under the reference's tag or digest, undefined for none. `send` resolves with "wanted" where
 * the blob was not to be taken from elsewhere and there is nothing to send. `put` stores under the reference's tag, or the manifest's digest.
 * @throws denied when the registry does not let this caller push, unavailable for everything else, in Docker's sentences
 */
export interface RegistryPush {
  find(reference: Reference, options: RegistryCall): Promise<Digest | undefined>;
  has(reference: Reference, blob: Digest, options: RegistryCall): Promise<boolean>;
  send(reference: Reference, blob: Descriptor, options: BlobUpload): Promise<"sent" | "mounted" | "wanted">;
  put(reference: Reference, manifest: FetchedManifest, options: RegistryCall): Promise<void>;
}
