// Containers that do not run, made of layers that a test writes, and files in and out of them by the threads that do it in the daemon.
import { newId, type Digest } from "#base";
import type { RootfsLayers, TreeAccess } from "#container";
import { ThreadContainerFiles, ThreadInflater } from "#files";
import { Kernel } from "#linux";
import { OverlayRootfsStore, Trash } from "#store";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archive, type ArchiveMember } from "./archive.ts";
import { FolderLayers, type Tree } from "./folder-layers.ts";
import { listTar } from "./tar-listing.ts";

export interface StillContainer {
  readonly id: string;
  readonly chain: readonly Digest[];
  readonly layers: RootfsLayers;
  readonly tree: TreeAccess;
}

/** One for all places; its threads end by themselves when nothing is inflated. */
const inflater = new ThreadInflater();

/** Disposing removes all of it, and finds out whether anything was left mounted. */
export class FilesPlace implements AsyncDisposable {
  readonly files = new ThreadContainerFiles(inflater);
  readonly around: string;
  readonly store: OverlayRootfsStore;
  readonly #kernel = new Kernel();
  readonly #layers: FolderLayers;

  private constructor(around: string) {
    this.around = around;
    this.#layers = new FolderLayers(join(around, "layers"));
    const dataRoot = join(around, "data");
    const trash = new Trash({ folder: join(dataRoot, "trash"), kernel: this.#kernel });
    const runRoot = join(around, "run");
    this.store = new OverlayRootfsStore({ dataRoot, runRoot, layers: this.#layers, kernel: this.#kernel, trash });
  }

  static async make(): Promise<FilesPlace> {
    return new FilesPlace(await mkdtemp(join(tmpdir(), "gantry-files-")));
  }

  async container(...trees: readonly Tree[]): Promise<StillContainer> {
    const chain: Digest[] = [];
    for (const tree of trees) chain.push(await this.#layers.add(tree));
    const id = newId();
    await this.store.create(id, { layers: chain, ephemeral: false });
    const layers = await this.store.layers(id, chain);
    return { id, chain, layers, tree: { kind: "still", layers, mounts: [], readOnly: false } };
  }

  put(tree: TreeAccess, path: string, members: readonly ArchiveMember[], options = { keepKinds: false }): Promise<void> {
    return this.files.extract(tree, path, inPieces(archive(members)), options);
  }

  /** Content, or the target of a link, by name. */
  async get(tree: TreeAccess, path: string): Promise<Record<string, string>> {
    const { bytes } = await this.files.read(tree, path);
    return Object.fromEntries(listTar(await gather(bytes)).map(({ entry, content }) => [entry.name, entry.linkName || content]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files[Symbol.asyncDispose]();
    await this.#kernel[Symbol.asyncDispose]();
    if (this.mounts().includes(this.around)) throw new Error(`something is still mounted in ${this.around}`);
    await rm(this.around, { recursive: true });
  }

  mounts(): string {
    return readFileSync("/proc/self/mountinfo", "utf8");
  }
}

export async function* inPieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** The fault and the words of what was refused. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => (error instanceof Error && "fault" in error ? [error.fault, error.message] : error),
  );
}
