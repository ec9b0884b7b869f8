// A log and its rotated files: `path` is written, `path.1` is the newest that was renamed away, higher numbers are older.
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { hasCode } from "#linux";

/** One file of a log, open for reading; it stays the same file however often it is renamed. */
export interface LogFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly inode: bigint;
}

/** How many rotated files are looked for. */
const maxRotated = 100;

/** Opens one file of a log; undefined when it is not there. */
export async function openLogFile(path: string): Promise<LogFile | undefined> {
  try {
    const handle = await open(path, "r");
    const { ino } = await handle.stat({ bigint: true });
    return { handle, inode: ino, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Paths of a log that exist, oldest first. */
export async function logPaths(path: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let number = 1; number <= maxRotated && (await inodeAt(`${path}.${number}`)) !== undefined; number += 1) {
    paths.unshift(`${path}.${number}`);
  }
  return [...paths, path];
}

/**
 * The file that was begun after this one; undefined while this is the last. A file that was rotated out of sight gives the oldest
 * there is.
 */
export async function nextLogFile(path: string, file: LogFile): Promise<LogFile | undefined> {
  for (;;) {
    if ((await inodeAt(path)) === file.inode) return undefined;
    const paths = await logPaths(path);
    const inodes = await Promise.all(paths.map(inodeAt));
    const own = inodes.indexOf(file.inode);
    // Between the rename and the monitor's new file this one may still grow.
    if (own === inodes.length - 2 && inodes.at(-1) === undefined) return undefined;
    const next = await openLogFile(paths[own + 1] ?? path);
    // A rotation between looking and opening shows in the inode: then look again.
    if (next !== undefined && next.inode === inodes[own + 1]) return next;
    await next?.[Symbol.asyncDispose]();
  }
}

/** Renames a log away, at most `keep` old files; the monitor must then be told to open it anew, once. */
export async function rotateLog(path: string, keep: number): Promise<void> {
  if (keep < 1) throw new Error(`a rotation keeps at least one file, not ${keep}`);
  await rm(`${path}.${keep}`, { force: true });
  for (let number = keep - 1; number >= 1; number -= 1) await renameExisting(`${path}.${number}`, `${path}.${number + 1}`);
  await renameExisting(path, `${path}.1`);
}

async function renameExisting(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function inodeAt(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
