import { createHash } from "node:crypto";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "#base";
import type { ArchiveSpool, SpooledFile } from "#image";
import { readPieces } from "./read-pieces.ts";

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
