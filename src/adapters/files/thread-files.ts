import { fault, isFault } from "#base";
import type { ContainerFiles, ExtractOptions, FileChange, PathArchive, PathStatus, RootfsLayers, TreeAccess } from "#container";
import type { ByteString, Inflater } from "#image";
import type { LayeredTree, TreeName } from "#linux";
import type { TreeForm } from "./tree-archive.ts";
import { FileThreads, type FileThread } from "./file-threads.ts";

const smallest = 64 * 1024;
const largest = 1024 * 1024;
/** Bytes that go to a thread at once, where there are as many. */
const gather = 256 * 1024;
/** Milliseconds that a quick reader takes for a piece at most. */
const quick = 50;
/** Pieces that a thread has got and not written yet. */
const ahead = 4;

/** See the port. */
export class ThreadContainerFiles implements ContainerFiles, AsyncDisposable {
  readonly #threads = new FileThreads();
  readonly #inflater: Inflater;
  #sessions = 0;

  constructor(inflater: Inflater) {
    this.#inflater = inflater;
  }

  async status(tree: TreeAccess, path: string): Promise<PathStatus> {
    using thread = this.#threads.take();
    return await thread.run("pathStatus", treeOf(tree, false), path);
  }

  async read(tree: TreeAccess, path: string): Promise<PathArchive> {
    return await this.#read(treeOf(tree, false), path);
  }

  async readFolder(folder: string): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#read(folderTree(folder), "/.")).bytes;
  }

  async #read(tree: TreeName, path: string): Promise<PathArchive> {
    const thread = this.#threads.take();
    const session = this.#next();
    try {
      const status = await thread.run("beginArchive", session, tree, path);
      return { status, bytes: pieces(thread, session) };
    } catch (error) {
      thread[Symbol.dispose]();
      throw error;
    }
  }

  export(layers: RootfsLayers): AsyncGenerator<Uint8Array> {
    return this.#export(shown(layers), "tree");
  }

  layer(layers: RootfsLayers): AsyncGenerator<Uint8Array> {
    return this.#export({ ...shown(layers), lowerdirs: [layers.upperdir] }, "layer");
  }

  storedLayer(folder: string, implied: readonly ByteString[]): AsyncGenerator<Uint8Array> {
    return this.#export(folderTree(folder), "layer", implied);
  }

  async extract(tree: TreeAccess, path: string, archive: AsyncIterable<Uint8Array>, options: ExtractOptions): Promise<void> {
    await this.#extract({ tree: treeOf(tree, true), path }, archive, options);
  }

  async fillFolder(folder: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#extract({ tree: folderTree(folder), path: "/" }, archive, { keepKinds: false, takesOwn: true });
  }

  async #extract(
    { tree, path }: { readonly tree: TreeName; readonly path: string },
    archive: AsyncIterable<Uint8Array>,
    options: ExtractOptions,
  ): Promise<void> {
    using thread = this.#threads.take();
    const session = this.#next();
    const writing: Promise<void>[] = [];
    try {
      await thread.run("beginExtract", session, tree, path, options);
      for await (const bytes of gathered(begun(this.#inflater.inflate(archive)))) {
        const written = thread.run("push", session, bytes);
        // Whoever waits for it below hears of it.
        written.catch(() => undefined);
        if (writing.push(written) >= ahead) await writing.shift();
      }
      await Promise.all(writing);
      await thread.run("finishExtract", session);
    } finally {
      await thread.run("endSession", session);
    }
  }

  async changes(layers: RootfsLayers): Promise<readonly FileChange[]> {
    using thread = this.#threads.take();
    return await thread.run("changes", layers.upperdir, { ...shown(layers), lowerdirs: layers.lowerdirs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads[Symbol.asyncDispose]();
  }

  async *#export(tree: LayeredTree, form: TreeForm, implied: readonly ByteString[] = []): AsyncGenerator<Uint8Array> {
    const thread = this.#threads.take();
    const session = this.#next();
    try {
      await thread.run("beginExport", session, tree, { form, implied });
    } catch (error) {
      thread[Symbol.dispose]();
      throw error;
    }
    yield* pieces(thread, session);
  }

  #next(): number {
    this.#sessions += 1;
    return this.#sessions;
  }
}

/** Docker answers 500 for whatever is wrong with an archive that it has begun to read. */
async function* begun(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* archive;
  } catch (error) {
    throw isFault(error, "invalid") ? fault("internal", error.message, { cause: error }) : error;
  }
}

/** A message to a thread costs more than the bytes in it, so what a client sends in small pieces goes on in larger ones. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let whole = new Uint8Array(gather);
  let length = 0;
  for await (const piece of pieces) {
    if (length + piece.length > gather && length > 0) {
      yield whole.subarray(0, length);
      // The bytes that were given may still be read.
      whole = new Uint8Array(gather);
      length = 0;
    }
    if (piece.length >= gather) yield piece;
    else {
      whole.set(piece, length);
      length += piece.length;
    }
  }
  if (length > 0) yield whole.subarray(0, length);
}

/** A quick reader gets large pieces, each made while it takes the one before; for a slow one little is kept. */
async function* pieces(thread: FileThread & Disposable, session: number): AsyncGenerator<Uint8Array> {
  using held = thread;
  let size = smallest;
  let coming: Promise<Uint8Array | undefined> | undefined;
  try {
    for (;;) {
      const piece = await (coming ?? held.run("nextPiece", session, size));
      if (piece === undefined) return;
      coming = size > smallest ? held.run("nextPiece", session, size) : undefined;
      coming?.catch(() => undefined);
      const given = performance.now();
      yield piece;
      size = performance.now() - given < quick ? Math.min(size * 4, largest) : smallest;
    }
  } finally {
    await held.run("endSession", session);
  }
}

function treeOf(tree: TreeAccess, writes: boolean): TreeName {
  if (tree.kind === "live") return { pid: tree.pid, id: tree.id };
  const { layers, mounts, readOnly } = tree;
  // Mount points are made where they are missing, so the upper is one then too.
  if (!writes && mounts.length === 0) return shown(layers);
  const { upperdir, workdir, lowerdirs, place } = layers;
  return { lowerdirs, upper: { upperdir, workdir }, mounts, readOnly, place };
}

/** One folder alone: what is opened is the folder itself. */
function folderTree(folder: string): LayeredTree {
  return { lowerdirs: [folder], mounts: [], readOnly: true, place: folder };
}

/** All layers to look at, the container's own among them. */
function shown({ upperdir, lowerdirs, place }: RootfsLayers): LayeredTree {
  return { lowerdirs: [upperdir, ...lowerdirs], mounts: [], readOnly: true, place };
}
