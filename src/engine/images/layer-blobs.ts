// Table `layer_blob`: what is known of the compressed form of a layer. A blob may be gone while its layer is there; then this says where another
// copy is, and where a push may take it from without sending it.
import type { Digest, Table } from "#base";
import { type Descriptor, formatReference, parseReference, type Reference } from "#image";

export interface LayerBlobRow {
  readonly version: 1;
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** Repositories that had it, "docker.io/library/busybox", the latest first. */
  readonly origins: readonly string[];
}

/** Repositories of one blob that are remembered. */
const maxOrigins = 5;

/** Every row, in memory. Nothing is lost with one but a shorter way: changes are not waited for. */
export class LayerBlobs {
  readonly #table: Table<LayerBlobRow>;
  readonly #rows = new Map<Digest, LayerBlobRow>();

  private constructor(table: Table<LayerBlobRow>) {
    this.#table = table;
  }

  static async open(table: Table<LayerBlobRow>): Promise<LayerBlobs> {
    const blobs = new LayerBlobs(table);
    for (const row of await table.load()) blobs.#rows.set(row.digest, row);
    return blobs;
  }

  /** A repository was seen to have the blob of a layer. */
  seen({ blob, diffId }: { readonly blob: Descriptor; readonly diffId: Digest }, repository: Pick<Reference, "domain" | "path">): void {
    const name = nameOf(repository);
    const before = this.#rows.get(blob.digest)?.origins ?? [];
    if (before[0] === name) return;
    const origins = [name, ...before.filter((origin) => origin !== name)].slice(0, maxOrigins);
    const { digest, mediaType, size } = blob;
    const row: LayerBlobRow = { version: 1, digest, diffId, mediaType, size, origins };
    this.#rows.set(digest, row);
    void this.#table.put(digest, row, "lazy");
  }

  /** Where a blob was seen, the latest first. */
  origins(digest: Digest): readonly Reference[] {
    return (this.#rows.get(digest)?.origins ?? []).map((origin) => parseReference(origin));
  }

  forget(digest: Digest): void {
    if (this.#rows.delete(digest)) void this.#table.remove(digest, "lazy");
  }
}

function nameOf({ domain, path }: Pick<Reference, "domain" | "path">): string {
  return formatReference({ domain, path });
}
