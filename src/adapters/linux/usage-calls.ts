// How much room a tree that somebody else has filled takes on disk, in slices: each call looks at a bounded number of entries, so no kernel
// worker is held for long. Directories are opened beneath the tree without following links; what vanishes meanwhile counts for nothing.
import { constants } from "node:fs";
import { anywhere, closeFd, isFolder, openAt, openRooted, readEntries, resolve, statusAt } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";

export interface UsageSlice {
  readonly bytes: number;
  /** Directories that are still to be measured, as paths from the root of the tree. */
  readonly left: readonly Uint8Array[];
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const blockSize = 512;
const slash = 0x2f;

/** Blocks on disk of files and folders, as du(1) counts, or the sizes that files say they have. */
type Measure = "blocks" | "sizes";

/** Measures `folders` of the tree at `root` until about `budget` entries were seen; undefined when there is no tree. */
function measureFolders(root: string, folders: readonly Uint8Array[], budget: number, by: Measure = "blocks"): UsageSlice | undefined {
  const top = openTop(root);
  if (top === undefined) return undefined;
  const left = [...folders];
  let bytes = 0;
  let seen = 0;
  try {
    while (seen < budget) {
      const path = left.pop();
      if (path === undefined) break;
      const measured = measureFolder(top, path, by);
      bytes += measured.bytes;
      seen += measured.entries + 1;
      for (const name of measured.folders) left.push(joinPath(path, name));
    }
  } finally {
    closeFd(top);
  }
  return { bytes, left };
}

function openTop(root: string): number | undefined {
  try {
    return openAt(anywhere, root, folderFlags);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** One directory with what lies in it, but not with what lies in the directories of it. */
function measureFolder(top: number, path: Uint8Array, by: Measure): { bytes: number; entries: number; folders: Uint8Array[] } {
  const found = { bytes: 0, entries: 0, folders: [] as Uint8Array[] };
  const opened = attempt(() =>
    openRooted(top, path, { flags: folderFlags, resolve: resolve.beneath | resolve.noSymlinks | resolve.noXdev }),
  );
  if (opened === undefined) return found;
  try {
    if (by === "blocks") found.bytes = statusAt(opened, "").blocks * blockSize;
    const buffer = new Uint8Array(32 * 1024);
    for (let page = readEntries(opened, buffer); !page.ended; page = readEntries(opened, buffer)) {
      for (const { name } of page.entries) {
        found.entries += 1;
        const status = attempt(() => statusAt(opened, name));
        if (status === undefined) continue;
        if (isFolder(status.mode)) found.folders.push(name);
        // Each name of a file carries its share: no list of those that were met is needed.
        else found.bytes += (by === "blocks" ? status.blocks * blockSize : status.size) / status.nlink;
      }
    }
    return found;
  } finally {
    closeFd(opened);
  }
}

/** Undefined for what is gone, has become something else, is another file system's, or lies deeper than a path is long. */
function attempt<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "EXDEV", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

function joinPath(folder: Uint8Array, name: Uint8Array): Uint8Array {
  return Buffer.concat([folder, Uint8Array.of(slash), name]);
}

export const usageCalls = { measureFolders };
