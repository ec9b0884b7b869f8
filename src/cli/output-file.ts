// A file that a command writes as a whole: under a name of its own beside the target, and there only when nothing is missing.
import { lstatSync, type Stats } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, basename } from "node:path";
import { describeOpenError } from "./environment.ts";

/** Refuses a path before work begins that is lost on it. @throws Error in Docker's words */
export function checkOutputPath(path: string): void {
  const folder = path.endsWith("/") ? path.replace(/\/+$/, "") || "/" : dirname(path);
  if (factsOf(folder) === undefined) throw new Error(`invalid output path: stat ${folder}: no such file or directory`);
  const facts = factsOf(path);
  if (facts?.isDirectory() === true) throw new Error("cannot write to a directory");
  const device = facts?.isCharacterDevice() === true ? "character" : facts?.isBlockDevice() === true ? "block" : undefined;
  if (device !== undefined) throw new Error(`cannot write to a ${device} device file`);
}

/** Writes the stream; what was at the path stays until the last byte is there. */
export async function writeOutputFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const partial = join(dirname(path), `.tmp-${basename(path)}-${process.pid}`);
  try {
    {
      await using file = await open(partial, "wx", 0o600).catch((error: unknown) => {
        throw new Error(describeOpenError(path, error), { cause: error });
      });
      for await (const piece of bytes) for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function factsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
