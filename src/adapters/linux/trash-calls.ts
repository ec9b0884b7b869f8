// Removal of trees that somebody else has filled, in slices: each call does a bounded piece, so no kernel worker is held for long.
// Names are taken one component at a time from open directories; no link is followed and no mount is entered.
import { constants, mkdirSync } from "node:fs";
import {
  anywhere,
  closeFd,
  type Entry,
  isFolder,
  isRegular,
  moveAt,
  openAt,
  openRooted,
  readEntries,
  resolve,
  statusAt,
  unlinkAt,
} from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { cString, syscallRaw } from "./libc.ts";
import { detachMounts } from "./mount-calls.ts";
import { sys } from "./numbers.ts";

export interface TrashBudget {
  /** Directory entries to remove at most. */
  readonly entries: number;
  /** Bytes of file content to give back at most; a larger file shrinks from its end. */
  readonly bytes: number;
}

export interface TrashSlice {
  /** True when nothing is left that could be removed. */
  readonly finished: boolean;
  /** False when another call would do no better. */
  readonly progressed: boolean;
  /** What the kernel would not remove, and why. */
  readonly refused: readonly string[];
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Deeper trees are moved up to the trash folder first, so that descriptors stay few. */
const maxDepth = 24;
const errno = { EPERM: 1, ENOENT: 2, EACCES: 13, EBUSY: 16, EXDEV: 18, ENOTEMPTY: 39 } as const;
const FS_IOC_SETFLAGS = 0x40086602;

class Sweep {
  readonly #top: number;
  readonly #budget: TrashBudget;
  readonly #refused: string[] = [];
  #entries = 0;
  #bytes = 0;
  #moved = 0;
  #shrunk = false;

  constructor(top: number, budget: TrashBudget) {
    this.#top = top;
    this.#budget = budget;
  }

  run(): TrashSlice {
    const emptied = this.#empty(this.#top, 0);
    return { finished: emptied && this.#moved === 0, progressed: this.#entries + this.#moved > 0 || this.#shrunk, refused: this.#refused };
  }

  /** True when the directory was read to its end within the budget. */
  #empty(folder: number, depth: number): boolean {
    const buffer = new Uint8Array(32 * 1024);
    for (;;) {
      const { entries, ended } = readEntries(folder, buffer);
      if (ended) return true;
      for (const entry of entries) {
        if (this.#spent()) return false;
        if (!this.#remove(folder, entry, depth)) return false;
      }
    }
  }

  #spent(): boolean {
    return this.#entries >= this.#budget.entries || this.#bytes >= this.#budget.bytes;
  }

  /** False when the budget ended inside the entry. */
  #remove(folder: number, entry: Entry, depth: number): boolean {
    try {
      const status = statusAt(folder, entry.name);
      if (!isFolder(status.mode)) {
        if (isRegular(status.mode) && status.nlink === 1 && !this.#shrink(folder, entry, status.size)) return false;
        return this.#unlink(folder, entry, false);
      }
      if (depth >= maxDepth) return this.#lift(folder, entry);
      const opened = this.#open(folder, entry);
      try {
        if (!this.#empty(opened, depth + 1)) return false;
      } finally {
        closeFd(opened);
      }
      return this.#unlink(folder, entry, true);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return true;
      if (!(error instanceof KernelError)) throw error;
      this.#refused.push(error.message);
      return true;
    }
  }

  /** Shortens a large file by what the budget has; false when some of it is left. */
  #shrink(folder: number, entry: Entry, size: number): boolean {
    const left = this.#budget.bytes - this.#bytes;
    this.#bytes += Math.min(size, left);
    if (size <= left) return true;
    const fd = syscallRaw(sys.openat, folder, cString(entry.name), constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    // A program that still runs cannot be shortened; it goes in one piece.
    if (fd < 0) return true;
    const result = syscallRaw(sys.ftruncate, fd, size - left);
    closeFd(fd);
    if (result < 0) return true;
    this.#shrunk = true;
    return false;
  }

  #open(folder: number, entry: Entry): number {
    const options = { flags: folderFlags, resolve: resolve.beneath | resolve.noSymlinks | resolve.noXdev };
    try {
      return openRooted(folder, entry.name, options);
    } catch (error) {
      if (!hasCode(error, "EXDEV")) throw error;
      detachMounts(`/proc/self/fd/${folder}/${textOf(entry.name)}`);
      return openRooted(folder, entry.name, options);
    }
  }

  #lift(folder: number, entry: Entry): boolean {
    const name = `deep-${crypto.randomUUID()}`;
    const result = moveAt({ folder, name: entry.name }, { folder: this.#top, name });
    if (result < 0) throw new KernelError("renameat2", -result, textOf(entry.name));
    this.#moved += 1;
    return true;
  }

  #unlink(folder: number, entry: Entry, isDirectory: boolean): boolean {
    let result = unlinkAt(folder, entry.name, isDirectory);
    if (result === -errno.EBUSY) {
      detachMounts(`/proc/self/fd/${folder}/${textOf(entry.name)}`);
      result = unlinkAt(folder, entry.name, isDirectory);
    }
    if (result === -errno.EPERM) {
      clearFlags(folder, ".");
      clearFlags(folder, entry.name);
      result = unlinkAt(folder, entry.name, isDirectory);
    }
    // Not empty: its reason is in the list already, or the file system's listing moved under our removals and the next slice sees the rest.
    if (result === -errno.ENOTEMPTY && isDirectory) return this.#refused.length > 0;
    if (result < 0 && result !== -errno.ENOENT) throw new KernelError("unlinkat", -result, textOf(entry.name));
    this.#entries += 1;
    return true;
  }
}

/** A name for a path that is built as text; bytes that are no UTF-8 name nothing then, and the mount stays for the next boot. */
function textOf(name: Uint8Array): string {
  return new TextDecoder().decode(name);
}

/** Takes "immutable" and "append only" away (ioctl_iflags(2)), which a privileged container may have set. */
function clearFlags(folder: number, name: string | Uint8Array): void {
  const fd = syscallRaw(sys.openat, folder, cString(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (fd < 0) return;
  syscallRaw(sys.ioctl, fd, FS_IOC_SETFLAGS, new Int32Array(2));
  closeFd(fd);
}

/** Renames `path` to folder/name, making the folder; false when there is nothing at `path`. @throws KernelError */
function moveToTrash(path: string, folder: string, name: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const result = moveAt({ folder: anywhere, name: path }, { folder: anywhere, name: `${folder}/${name}` });
  if (result === -errno.ENOENT) return false;
  if (result < 0) throw new KernelError("renameat2", -result, path);
  return true;
}

/** Removes a slice of what lies in the folder, never the folder itself. A folder that is not there is empty. @throws KernelError */
function emptyTrash(folder: string, budget: TrashBudget): TrashSlice {
  let top: number;
  try {
    top = openAt(anywhere, folder, folderFlags);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { finished: true, progressed: false, refused: [] };
    throw error;
  }
  try {
    return new Sweep(top, budget).run();
  } finally {
    closeFd(top);
  }
}

export const trashCalls = { moveToTrash, emptyTrash };
