// Every image, in memory; the table behind it is what the next daemon loads. A change shows at once and is acknowledged when the
// table has synced it. A name belongs to one image: the row that gains it is written before the row that loses it, so that a cut
// between the two leaves it twice, never nowhere, and loading lets the younger one keep it.
import { type Digest, type Instant, now, type Table } from "#base";
import { type Descriptor, type Image, imageId, type ImageManifest, parseReference, type Platform, platformRank } from "#image";
import { fromRow, type ImageRow, toRow } from "./row.ts";

/** An image and the names it was given. */
export interface StoredImage {
  readonly id: Digest;
  readonly target: Descriptor;
  readonly manifests: readonly ImageManifest[];
  readonly tags: readonly string[];
  readonly pinned: readonly string[];
  readonly taggedAt: Instant;
}

export class ImageCatalog {
  readonly #table: Table<ImageRow>;
  readonly #images = new Map<Digest, { readonly stored: StoredImage; readonly image: Image }>();
  readonly #names = new Map<string, Digest>();

  readonly #platform: Platform;

  private constructor(table: Table<ImageRow>, platform: Platform) {
    this.#table = table;
    this.#platform = platform;
  }

  /** `platform` is what this machine runs. */
  static async open(table: Table<ImageRow>, platform: Platform): Promise<ImageCatalog> {
    const catalog = new ImageCatalog(table, platform);
    const stored = (await table.load()).map(fromRow).sort((a, b) => Number(a.taggedAt - b.taggedAt));
    for (const image of stored) catalog.#gain(image);
    return catalog;
  }

  all(): readonly Image[] {
    return [...this.#images.values()].map(({ image }) => image);
  }

  get(id: Digest): Image | undefined {
    return this.#images.get(id)?.image;
  }

  /** By canonical name with tag or digest. */
  named(name: string): Image | undefined {
    const id = this.#names.get(name);
    return id === undefined ? undefined : this.get(id);
  }

  /** Adds an image or what is new about it: manifests of further platforms, names (which leave the image that had them). */
  async put(target: Descriptor, manifests: readonly ImageManifest[], names: readonly string[]): Promise<Image> {
    const id = imageId(target);
    const before = this.#images.get(id)?.stored;
    const was = this.#now([id, ...names.flatMap((name) => this.#names.get(name) ?? [])]);
    this.#gain({
      id,
      target: before?.target ?? withoutNames(target),
      manifests: this.#ordered(before?.manifests ?? [], manifests),
      tags: [...new Set([...(before?.tags ?? []), ...names.filter((name) => !name.includes("@"))])].sort(),
      pinned: [...new Set([...(before?.pinned ?? []), ...names.filter((name) => name.includes("@"))])].sort(),
      taggedAt: names.length > 0 || before === undefined ? now() : before.taggedAt,
    });
    // As it is now: somebody else may remove it while it is written.
    const image = imageOf(this.#stored(id));
    await this.#write(was);
    return image;
  }

  /** Takes names from an image, which stays. */
  async untag(id: Digest, names: readonly string[]): Promise<void> {
    const was = this.#now([id]);
    for (const name of names) this.#names.delete(name);
    this.#lose(id, names);
    await this.#write(was);
  }

  /** Takes manifests of some platforms from an image, of which at least one stays. */
  async drop(id: Digest, manifests: readonly ImageManifest[]): Promise<void> {
    const stored = this.#stored(id);
    const kept = stored.manifests.filter((manifest) => !manifests.some((other) => sameManifest(manifest, other)));
    if (kept.length === 0) throw new Error(`nothing would be left of image ${id}`);
    const was = this.#now([id]);
    this.#keep({ ...stored, manifests: kept });
    await this.#write(was);
  }

  async delete(id: Digest): Promise<void> {
    if (!this.#images.has(id)) return;
    const was = this.#now([id]);
    this.#forget(id);
    await this.#write(was);
  }

  /** Sets an image in memory, and takes its names from those that had them. */
  #gain(stored: StoredImage): void {
    const losers = new Map<Digest, string[]>();
    for (const name of [...stored.tags, ...stored.pinned]) {
      const owner = this.#names.get(name);
      if (owner !== undefined && owner !== stored.id) losers.set(owner, [...(losers.get(owner) ?? []), name]);
      this.#names.set(name, stored.id);
    }
    for (const [id, names] of losers) this.#lose(id, names);
    this.#keep(stored);
  }

  #lose(id: Digest, names: readonly string[]): void {
    const stored = this.#stored(id);
    const left = (list: readonly string[]): readonly string[] => list.filter((name) => !names.includes(name));
    this.#keep({ ...stored, tags: left(stored.tags), pinned: left(stored.pinned) });
  }

  #keep(stored: StoredImage): void {
    this.#images.set(stored.id, { stored, image: imageOf(stored) });
  }

  /** Those that this machine runs first, best first; the others as they came. */
  #ordered(before: readonly ImageManifest[], added: readonly ImageManifest[]): readonly ImageManifest[] {
    const kept = before.map((old) => added.find((manifest) => sameManifest(manifest, old)) ?? old);
    const fresh = added.filter((manifest) => !before.some((old) => sameManifest(manifest, old)));
    const rank = (manifest: ImageManifest): number => platformRank(this.#platform, platformOf(manifest)) ?? Number.MAX_SAFE_INTEGER;
    return [...kept, ...fresh].sort((a, b) => rank(a) - rank(b));
  }

  #forget(id: Digest): void {
    const { tags, pinned } = this.#stored(id);
    for (const name of [...tags, ...pinned]) if (this.#names.get(name) === id) this.#names.delete(name);
    this.#images.delete(id);
  }

  #now(ids: readonly Digest[]): ReadonlyMap<Digest, StoredImage | undefined> {
    return new Map(ids.map((id) => [id, this.#images.get(id)?.stored]));
  }

  /** Writes what became of these images. When the disk takes it not, it has not happened: they are again what they were. */
  async #write(was: ReadonlyMap<Digest, StoredImage | undefined>): Promise<void> {
    const is = this.#now([...was.keys()]);
    try {
      await Promise.all(
        [...is].map(([id, stored]) =>
          stored === undefined ? this.#table.remove(id, "durable") : this.#table.put(id, toRow(stored), "durable"),
        ),
      );
    } catch (error) {
      // Not over what somebody else has made of one meanwhile.
      const ours = [...was].filter(([id]) => this.#images.get(id)?.stored === is.get(id));
      for (const [id] of ours) if (this.#images.has(id)) this.#forget(id);
      for (const [, stored] of ours) if (stored !== undefined) this.#gain(stored);
      throw error;
    }
  }

  #stored(id: Digest): StoredImage {
    const found = this.#images.get(id);
    if (found === undefined) throw new Error(`image ${id} is not in the catalog`);
    return found.stored;
  }
}

/** What the index says, else the config. */
export function platformOf({ descriptor, platform }: ImageManifest): Platform {
  return descriptor.platform ?? platform;
}

function imageOf({ id, target, manifests, tags, pinned, taggedAt }: StoredImage): Image {
  const digests = [...new Set([...tags.map((tag) => repositoryOf(tag)), ...pinned.map((name) => repositoryOf(name))])];
  return { id, target, manifests, tags, digests: digests.map((repository) => `${repository}@${id}`), taggedAt };
}

/** "docker.io/library/busybox" of a canonical name. */
export function repositoryOf(name: string): string {
  const { domain, path } = parseReference(name);
  return `${domain}/${path}`;
}

/** What of an image's names is of one repository. */
export function namesOfRepository(names: readonly string[], repository: string): readonly string[] {
  return names.filter((name) => repositoryOf(name) === repository);
}

function sameManifest(a: ImageManifest, b: ImageManifest): boolean {
  return a.descriptor.digest === b.descriptor.digest;
}

/** Names in annotations belong to the archive, not to the image: they would still be told after a retag. */
function withoutNames({ mediaType, digest, size, platform }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(platform !== undefined && { platform }) };
}
