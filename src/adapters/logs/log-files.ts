// A log and its rotated files: `path` is written, `path.N` were renamed away, each once, the newest with the highest number.
// No file is renamed twice, so that a reader that looks on meanwhile never sees half a shift.
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { hasCode } from "#linux";

/** One file of a log, open for reading; it stays the same file when it is renamed. */
export interface LogFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly inode: bigint;
}

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

/** Paths of a log's files, oldest first; the last is the one that is written, whether it is there or not. */
export async function logPaths(path: string): Promise<readonly string[]> {
  return [...(await rotatedNumbers(path)).map((number) => `${path}.${number}`), path];
}

/**
 * The file that was begun after this one; undefined while this is the last. For a file that was removed meanwhile it is the oldest
 * there is.
 */
export async function nextLogFile(path: string, file: LogFile): Promise<LogFile | undefined> {
  for (;;) {
    const inode = await inodeAt(path);
    if (inode === file.inode) return undefined;
    const paths = await logPaths(path);
    const inodes = await Promise.all(paths.map(inodeAt));
    // A rotation while we looked: look again.
    if (inodes.at(-1) !== inode || (await logPaths(path)).length !== paths.length) continue;
    const own = inodes.indexOf(file.inode);
    // Between the rename and the monitor's new file the renamed one may still grow.
    if (own === inodes.length - 2 && inode === undefined) return undefined;
    const next = await openLogFile(paths[own + 1] ?? path);
    if (next !== undefined && next.inode === inodes[own + 1]) return next;
    await next?.[Symbol.asyncDispose]();
  }
}

/** Renames a log away and removes all but the `keep` newest of its old files; the monitor must then be told to open it anew, once. */
export async function rotateLog(path: string, keep: number): Promise<void> {
  const numbers = await rotatedNumbers(path);
  const number = (numbers.at(-1) ?? 0) + 1;
  try {
    await rename(path, `${path}.${number}`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  const old = [...numbers, number].slice(0, -keep || undefined);
  for (const gone of old) await rm(`${path}.${gone}`, { force: true });
}

async function rotatedNumbers(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

async function inodeAt(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
