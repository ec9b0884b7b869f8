// The plain bytes of archives that may come compressed. gzip and zstd are inflated in the runtime's own threads, the others in threads for files;
// no program of a container's is run for it, and none of the host's.
import { type Compression, compressionOf, fault, isFault, longestMagic, messageOf } from "#base";
import type { Inflater } from "#image";
import { decoders } from "#linux";
import { Readable, type Transform } from "node:stream";
import { FileThreads, type FileThread } from "./file-threads.ts";

const chunkSize = 256 * 1024;

/** See the port. Disposing ends the threads. */
export class ThreadInflater implements Inflater, AsyncDisposable {
  readonly #threads = new FileThreads({ threads: 2 });
  #sessions = 0;

  async *inflate(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = archive[Symbol.asyncIterator]();
    const { first, ended } = await begin(source);
    const compression = compressionOf(first);
    const rest = follow(first, ended ? undefined : source);
    if (compression === undefined) yield* rest;
    else yield* this.#plain(compression, rest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads[Symbol.asyncDispose]();
  }

  async *#plain(compression: Compression, packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    const decoding = decoders[compression];
    if (decoding.kind === "stream") {
      yield* throughStream(decoding.open({ chunkSize, readableHighWaterMark: chunkSize }), packed);
      return;
    }
    using thread = this.#threads.take();
    this.#sessions += 1;
    yield* throughThread(thread, { session: this.#sessions, compression }, packed);
  }
}

async function* throughStream(decoder: Transform, packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const failed = new WeakSet<Error>();
  const input = Readable.from(packed);
  input.on("error", (error) => {
    failed.add(error);
    decoder.destroy(error);
  });
  input.pipe(decoder);
  let isEmpty = true;
  try {
    for await (const bytes of decoder) {
      isEmpty = false;
      yield bytes;
    }
  } catch (error) {
    throw error instanceof Error && failed.has(error) ? error : broken(error);
  } finally {
    input.destroy();
    decoder.destroy();
  }
  // Bun's zstd takes half a frame for a whole one without a word.
  if (isEmpty) throw broken(new Error("unexpected end of file"));
}

async function* throughThread(
  thread: FileThread,
  { session, compression }: { readonly session: number; readonly compression: Compression },
  packed: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const next = (bytes?: Uint8Array): Promise<Uint8Array | undefined> => named(thread.run("inflate", session, bytes));
  try {
    await thread.run("beginInflate", session, compression);
    for await (const bytes of packed) for (let piece = await next(bytes); piece !== undefined; piece = await next()) yield piece;
    await named(thread.run("finishInflate", session));
  } finally {
    await thread.run("endInflate", session);
    await packed.return(undefined);
  }
}

/** Says of a decoder's complaint what it is about. */
async function named<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw isFault(error, "invalid") ? broken(error) : error;
  }
}

function broken(error: unknown): Error {
  return fault("invalid", `cannot decompress the archive: ${messageOf(error)}`, { cause: error });
}

/** Enough to know the format by, or all there is. */
async function begin(source: AsyncIterator<Uint8Array>): Promise<{ readonly first: Uint8Array; readonly ended: boolean }> {
  let first = new Uint8Array(0);
  while (first.length < longestMagic) {
    const { done, value } = await source.next();
    if (done === true) return { first, ended: true };
    first = first.length === 0 ? new Uint8Array(value) : new Uint8Array(Buffer.concat([first, value]));
  }
  return { first, ended: false };
}

async function* follow(first: Uint8Array, source: AsyncIterator<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    if (source === undefined) return;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source?.return?.();
  }
}
