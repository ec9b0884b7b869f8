// Table `layer_blob`: what is known of the compressed form of a layer. A blob may be gone while its layer is there; then this says where another
// copy is, where a push may take it from without sending it, and that it is missed by nobody.
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
  /** Milliseconds since the epoch: when it was pulled, pushed or fetched last. */
  readonly usedAt?: number;
  /** It need not be stored here: it was dropped, or no unpacking ever needed it. */
  readonly spared?: true;
}

/** A blob and what its uncompressed bytes are called. */
export interface LayerBlob {
  readonly blob: Descriptor;
  readonly diffId: Digest;
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
  seen({ blob, diffId }: LayerBlob, repository: Pick<Reference, "domain" | "path">): void {
    const name = nameOf(repository);
    const { origins, ...before } = this.#row({ blob, diffId });
    const latest = [name, ...origins.filter((origin) => origin !== name)].slice(0, maxOrigins);
    void this.#put({ ...before, origins: latest, usedAt: Date.now() }, "lazy");
  }

  /** It need not be here from now on. Resolves when that is written down, so that it may go. */
  async spare(layer: LayerBlob): Promise<void> {
    if (!this.isSpared(layer.blob.digest)) await this.#put({ ...this.#row(layer), spared: true }, "durable");
  }

  /** It came here after all. */
  arrived(digest: Digest): void {
    const row = this.#rows.get(digest);
    if (row === undefined) return;
    const { spared: _, ...kept } = row;
    void this.#put({ ...kept, usedAt: Date.now() }, "lazy");
  }

  isSpared(digest: Digest): boolean {
    return this.#rows.get(digest)?.spared === true;
  }

  /** Milliseconds since the epoch; 0 for a blob that no repository is known to have had. */
  usedAt(digest: Digest): number {
    return this.#rows.get(digest)?.usedAt ?? 0;
  }

  /** Where a blob was seen, the latest first. */
  origins(digest: Digest): readonly Reference[] {
    return (this.#rows.get(digest)?.origins ?? []).map((origin) => parseReference(origin));
  }

  forget(digest: Digest): void {
    if (this.#rows.delete(digest)) void this.#table.remove(digest, "lazy");
  }

  #row({ blob: { digest, mediaType, size }, diffId }: LayerBlob): LayerBlobRow {
    return this.#rows.get(digest) ?? { version: 1, digest, diffId, mediaType, size, origins: [] };
  }

  async #put(row: LayerBlobRow, durability: "lazy" | "durable"): Promise<void> {
    this.#rows.set(row.digest, row);
    await this.#table.put(row.digest, row, durability);
  }
}

function nameOf({ domain, path }: Pick<Reference, "domain" | "path">): string {
  return formatReference({ domain, path });
}
