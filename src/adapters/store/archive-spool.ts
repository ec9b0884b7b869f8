import { createHash } from "node:crypto";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "#base";
import type { ArchiveSpool, SpooledFile } from "#image";

/** Bytes that one read of a spooled file gives. */
const pieceSize = 1024 * 1024;

/** Spooled files in a folder of their own, under names that no archive chooses. See the port. */
export class DirectoryArchiveSpool implements ArchiveSpool {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder and throws away what a killed daemon was spooling. */
  static async open({ folder }: { readonly folder: string }): Promise<DirectoryArchiveSpool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
    return new DirectoryArchiveSpool(folder);
  }

  async add(bytes: ReadableStream<Uint8Array>, { signal }: { readonly signal: AbortSignal }): Promise<SpooledFile> {
    const path = join(this.#folder, newId());
    const hash = createHash("sha256");
    let size = 0;
    const remove = (): Promise<void> => rm(path, { force: true });
    try {
      await using file = await open(path, "wx", 0o600);
      for await (const piece of bytes) {
        signal.throwIfAborted();
        hash.update(piece);
        size += piece.length;
        for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
      }
    } catch (error) {
      await remove();
      throw error;
    }
    return { digest: `sha256:${hash.digest("hex")}`, size, open: () => readPieces(path), [Symbol.asyncDispose]: remove };
  }
}

function readPieces(path: string): ReadableStream<Uint8Array> {
  const source = pieces(path);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path, "r");
  for (;;) {
    const { buffer, bytesRead } = await file.read(new Uint8Array(pieceSize), 0, pieceSize);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
