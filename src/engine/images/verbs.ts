// The verbs of images, and what they take and give.
import type { Digest, Instant } from "#base";
import type { Credentials, Descriptor, HistoryEntry, Image, ImageManifest, Platform, Reference, RegistryCall, SearchHit } from "#image";
import type { PruneFilters } from "../verbs.ts";

/** One line of progress, in Docker's words. */
export interface Progress {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly current?: number;
  readonly total?: number;
  /** What a client shall know beside the words. */
  readonly aux?: PushedInsteadOfIndex;
}

/** An index whose parts are not all here cannot be pushed: one of its images was. */
interface PushedInsteadOfIndex {
  readonly manifestPushedInsteadOfIndex: true;
  readonly originalIndex: Descriptor;
  readonly selectedManifest: Descriptor;
}

export interface ImageFilters {
  readonly reference?: readonly string[];
  readonly dangling?: boolean;
  readonly label?: readonly string[];
  readonly withoutLabels?: readonly string[];
  readonly before?: readonly string[];
  readonly since?: readonly string[];
  /** Of when an image came or got a name, as in Docker's containerd store; before and since are of when it was made. */
  readonly until?: readonly Instant[];
}

/** An image with what the replies need beside it. */
export interface ImageView {
  readonly image: Image;
  readonly manifest: ImageManifest;
  /** How many containers use it. */
  readonly containers: number;
  readonly history: readonly HistoryEntry[];
  readonly layerDriver: string;
}

/** An image and the steps that made it, newest first; `size` is of the layer that a step left, 0 where it left none. */
export interface ImageHistory {
  readonly image: Image;
  readonly steps: readonly { readonly step: HistoryEntry; readonly size: number }[];
}

/** What an import is given beside the tree. */
export interface ImportRequest {
  /** With a tag. */
  readonly name?: Reference;
  readonly comment: string;
  /** Lines of a Dockerfile. */
  readonly changes: readonly string[];
  readonly platform?: Platform;
  readonly signal: AbortSignal;
}

export type Removed = { readonly untagged: string } | { readonly deleted: Digest };

export interface ImagePruneResult {
  readonly removed: readonly Removed[];
  /** Bytes. */
  readonly reclaimed: number;
}

export interface PullRequest {
  /** This machine's when absent. */
  readonly platform?: Platform;
  /** For the registry; nobody's when absent. */
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
}

export interface PushRequest {
  /** Everything that is here when absent. */
  readonly platform?: Platform;
  /** For the registry; nobody's when absent. */
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
}

/** What a registry tells of a name. */
export interface Distribution {
  readonly descriptor: Descriptor;
  /** Of the manifest or index, as its digest is over them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the index names, or what the image's config says. */
  readonly platforms: readonly Platform[];
}

/** An index and where each manifest that it names lies, as names with digest in the same registry. */
export interface IndexRequest extends RegistryCall {
  /** JSON, whose bytes its digest is over. */
  readonly index: string;
  readonly members: readonly string[];
}

export interface SearchRequest {
  /** How many the registry is asked for at most; 25 for 0. */
  readonly limit?: number;
  readonly stars?: number;
  readonly official?: boolean;
  readonly automated?: boolean;
}

export interface ImageVerbs {
  list(filters: ImageFilters): readonly ImageView[];
  /** By name, id, id prefix, manifest or config digest. @throws not-found "No such image: x" */
  get(reference: string): ImageView;
  /** What its index names, in its order, here or not; of an image without an index its manifest alone. @throws not-found */
  entries(reference: string): Promise<readonly Descriptor[]>;
  /** @throws not-found, also when the image lacks the platform */
  history(reference: string, platform?: Platform): Promise<ImageHistory>;
  tag(reference: string, target: { readonly repository: string; readonly tag: string }): Promise<void>;
  /** The image or a name of it; with `platforms` only what it has for these. @throws not-found, conflict, invalid */
  remove(reference: string, options: { readonly force: boolean; readonly platforms?: readonly Platform[] }): Promise<readonly Removed[]>;
  /** Removes what no container uses: what has no name and, with `named`, what has one too. @throws conflict while another prune runs */
  prune(filters: PruneFilters & { readonly named: boolean }): Promise<ImagePruneResult>;
  /** Bytes of all that images keep on disk, by the records. */
  storedBytes(): Promise<number>;
  /** Docker archive or OCI layout as a tar, plain or compressed; of one platform alone when one is given. */
  load(archive: ReadableStream<Uint8Array>, signal: AbortSignal, platform?: Platform): AsyncIterable<Progress>;
  /** An image of one layer, the tree in a tar (plain or compressed). @throws invalid */
  import(tree: ReadableStream<Uint8Array>, request: ImportRequest): Promise<Digest>;
  /** The same of what lies behind a URL; the id is the last status. Errors before the first bytes are thrown by the first `next`. */
  importFrom(url: string, request: ImportRequest): AsyncIterable<Progress>;
  /** Images as one archive, which `load` takes here and in Docker. Errors before the first bytes are thrown by the first `next`. */
  save(names: readonly string[], options: { readonly platform?: Platform; readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** What a name stands for at its registry, without keeping anything of it. @throws invalid, not-found, unauthorized, unavailable */
  distribution(reference: string, call: RegistryCall): Promise<Distribution>;
  /** Puts an index and what it names into a repository, under its tag. @throws invalid, not-found, denied, unavailable */
  publishIndex(reference: string, request: IndexRequest): Promise<Digest>;
  /** Repositories that a registry finds. @throws invalid in Docker's words, unavailable naming the host */
  search(term: string, request: SearchRequest & RegistryCall): Promise<readonly SearchHit[]>;
  /** Errors before the first progress are thrown by the first `next`. */
  pull(reference: string, options: PullRequest): AsyncIterable<Progress>;
  /** Sends an image to where its name says; every tag of a repository for a name without one. Whatever fails, fails in the stream. */
  push(reference: string, options: PushRequest): AsyncIterable<Progress>;
}
