import type { Digest, Table } from "#base";
import type { ContainerImage } from "#container";
import type { Image, ImageManifest, Platform } from "#image";
import type { ImageVerbs } from "./verbs.ts";
import { BlobFetches } from "./blob-fetches.ts";
import { ImageCatalog } from "./catalog.ts";
import { compose, type Composition } from "./compose.ts";
import { checkStores } from "./check/check.ts";
import type { StoreReport } from "./check/flaw.ts";
import { distribution } from "./distribution.ts";
import { entries } from "./entries.ts";
import { findImage, manifestFor } from "./find.ts";
import { history } from "./history.ts";
import { Holds } from "./holds.ts";
import { get, list } from "./list.ts";
import { importFrom, importTree } from "./import.ts";
import { type LayerBlobRow, LayerBlobs } from "./layer-blobs.ts";
import { load } from "./load.ts";
import type { ImageNeeds } from "./needs.ts";
import { PruneTurn } from "../prune.ts";
import { pruneImages } from "./prune.ts";
import { publishIndex } from "./publish-index.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { remove } from "./remove.ts";
import type { ImageRow } from "./row.ts";
import { save } from "./save.ts";
import { search } from "./search.ts";
import { storedBytes } from "./stored-bytes.ts";
import { isUsed, sweepAll } from "./sweep.ts";
import { tag } from "./tag.ts";

type OpenOptions = Omit<ImageNeeds, "catalog" | "fetches" | "holds" | "layerBlobs"> & {
  readonly table: Table<ImageRow>;
  readonly layerBlobTable: Table<LayerBlobRow>;
};

/** The images of one daemon. */
export interface Images {
  readonly verbs: ImageVerbs;
  /**
   * What a container made from this image pins. Of several platforms the machine's own is taken when none is asked for.
   * @throws not-found "No such image: x:latest", or naming the platform that the image lacks
   */
  resolveForCreate(reference: string, platform?: Platform): ContainerImage;
  /** Makes an image over another one that a container pins, or over nothing. */
  compose(composition: Composition, signal: AbortSignal): Promise<Image>;
  /** Reads all that images keep; with `heal` it mends what it can. @throws conflict while another check runs */
  check(options: { readonly heal: boolean; readonly signal: AbortSignal }): Promise<StoreReport>;
  /** Removes blobs and layers that neither an image nor a container uses; only once every container is known. */
  sweep(): Promise<void>;
}

/** Loads the catalog and binds the verbs to it. */
export async function openImages(options: OpenOptions): Promise<Images> {
  const [catalog, layerBlobs] = await Promise.all([
    ImageCatalog.open(options.table, options.platform),
    LayerBlobs.open(options.layerBlobTable),
  ]);
  const isNamed = (digest: Digest): boolean => isUsed({ catalog, users: () => options.users() }, { kind: "blob", digest });
  const fetches = new BlobFetches({ ...options, isNamed });
  const needs: ImageNeeds = { ...options, catalog, layerBlobs, holds: new Holds(), fetches };
  const pruning = new PruneTurn();
  const checking = new PruneTurn("a check is already running");
  return {
    verbs: {
      list: (filters) => list(needs, filters),
      get: (reference) => get(needs, reference),
      entries: (reference) => entries(needs, reference),
      history: (reference, platform) => history(needs, reference, platform),
      tag: (reference, target) => tag(needs, reference, target),
      remove: (reference, removal) => remove(needs, reference, removal),
      prune: (filters) => pruning.run(() => pruneImages(needs, filters)),
      storedBytes: () => storedBytes(needs),
      load: (archive, signal, platform) => load(needs, archive, { signal, ...(platform !== undefined && { platform }) }),
      import: (tree, request) => importTree(needs, tree, request),
      importFrom: (url, request) => importFrom(needs, url, request),
      save: (names, request) => save(needs, names, request),
      distribution: (reference, call) => distribution(needs, reference, call),
      publishIndex: (reference, request) => publishIndex(needs, reference, request),
      search: (term, request) => search(needs, term, request),
      pull: (reference, request) => pull(needs, reference, request),
      push: (reference, request) => push(needs, reference, request),
    },
    resolveForCreate: (reference, platform) => resolveForCreate(needs, reference, platform),
    compose: (composition, signal) => compose(needs, composition, signal),
    check: (asked) => checking.run(() => checkStores(needs, asked)),
    sweep: () => sweepAll(needs),
  };
}

function resolveForCreate(needs: Pick<ImageNeeds, "catalog">, text: string, platform: Platform | undefined): ContainerImage {
  const found = findImage(needs.catalog, text);
  return pin(found.image.id, manifestFor(found, text, platform));
}

function pin(id: ContainerImage["id"], manifest: ImageManifest): ContainerImage {
  return {
    id,
    manifest: manifest.descriptor.digest,
    layers: manifest.diffIds,
    config: manifest.runtime,
    os: manifest.platform.os,
    platform: manifest.platform,
  };
}
