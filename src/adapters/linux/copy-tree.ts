// A tree that somebody else has filled, copied into a folder that somebody else may be changing: owners, modes, times, extended attributes,
// links of both kinds, devices. In slices, so that no kernel worker is held for long: each call takes what is left and gives what is left then.
// Folders are opened beneath both tops without following links, and nothing that is there is replaced.
import { constants } from "node:fs";
import { hasCode, KernelError } from "./kernel-error.ts";
import { anywhere, openAt, O_PATH, openRooted, resolve, withFd } from "./descriptor.ts";
import {
  cloneFile,
  copyBytes,
  dataFrom,
  getXattr,
  listXattrs,
  makeFolderIn,
  makeHardLinkIn,
  makeLinkIn,
  makeNodeIn,
  must,
  namesIn,
  openIn,
  openRootedPath,
  readLinkIn,
  type RootedStatus,
  setMode,
  setModeIn,
  setOwner,
  setOwnerIn,
  setSize,
  setTime,
  setTimeIn,
  setXattr,
  statusIn,
} from "./rooted-calls.ts";

/** A folder, or the rest of a large file; paths from the tops, one character a byte. */
interface Piece {
  readonly path: string;
  /** Bytes of the file that are there already. */
  readonly position?: number;
}

export interface CopyProgress {
  readonly left: readonly Piece[];
  /** First names of files with several, by inode. */
  readonly linked: ReadonlyMap<bigint, string>;
}

export interface CopyRequest {
  readonly root: string;
  /** Seen from `root`, as its own processes would see it. */
  readonly path: string;
  readonly target: string;
  readonly budget: { readonly entries: number; readonly bytes: number };
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const inside = resolve.beneath | resolve.noSymlinks | resolve.noXdev;
const isThere = -17;

/** Begins or goes on; "file" or "missing" when the source is no folder. @throws KernelError */
function copyTree(request: CopyRequest, before?: CopyProgress): CopyProgress | "file" | "missing" {
  const source = openSource(request);
  if (typeof source === "string") return source;
  return withFd(source, (from) =>
    withFd(openAt(anywhere, request.target, folderFlags), (to) => new TreeCopy({ from, to }, request.budget).run(before)),
  );
}

function openSource({ root, path }: CopyRequest): number | "file" | "missing" {
  const rules = resolve.inRoot | resolve.noMagicLinks;
  try {
    return withFd(openAt(anywhere, root, O_PATH | constants.O_DIRECTORY), (top) =>
      openRooted(top, path, { flags: constants.O_RDONLY | constants.O_DIRECTORY, resolve: rules }),
    );
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "missing";
    if (hasCode(error, "ENOTDIR", "ELOOP")) return "file";
    throw error;
  }
}

interface Tops {
  readonly from: number;
  readonly to: number;
}

class TreeCopy {
  readonly #tops: Tops;
  #entries: number;
  #bytes: number;
  readonly #left: Piece[] = [];
  readonly #linked = new Map<bigint, string>();

  constructor(tops: Tops, budget: CopyRequest["budget"]) {
    this.#tops = tops;
    this.#entries = budget.entries;
    this.#bytes = budget.bytes;
  }

  run(before: CopyProgress = { left: [{ path: "" }], linked: new Map() }): CopyProgress {
    this.#left.push(...before.left);
    for (const [inode, name] of before.linked) this.#linked.set(inode, name);
    while (this.#entries > 0 && this.#bytes > 0) {
      const piece = this.#left.pop();
      if (piece === undefined) break;
      if (piece.position === undefined) this.#copyFolder(piece.path);
      else this.#resume(piece.path, piece.position);
    }
    return { left: this.#left, linked: this.#linked };
  }

  #copyFolder(path: string): void {
    const from = must(openRootedPath(this.#tops.from, path, { flags: folderFlags, resolve: inside }), "openat2", path);
    withFd(from, () => {
      const to = must(openRootedPath(this.#tops.to, path, { flags: folderFlags, resolve: inside }), "openat2", path);
      withFd(to, () => {
        for (const name of namesIn(from)) this.#copyEntry({ from, to }, { name, path: path === "" ? name : `${path}/${name}` });
        copyAttributes(from, to);
      });
    });
  }

  #copyEntry(folders: Tops, { name, path }: { readonly name: string; readonly path: string }): void {
    this.#entries -= 1;
    const status = statusIn(folders.from, name);
    if (status === undefined) return;
    const kind = status.mode & constants.S_IFMT;
    if (kind === constants.S_IFDIR) {
      const made = makeFolderIn(folders.to, name, 0o700);
      if (made !== isThere) must(made, "mkdirat", path);
      this.#left.push({ path });
      return;
    }
    if (status.links > 1 && this.#link(folders.to, name, status)) return;
    if (kind === constants.S_IFREG) this.#copyFile(folders, { name, path });
    else copySpecial(folders, name, status);
    if (status.links > 1) this.#linked.set(status.inode, path);
  }

  /** A further name of a file that was copied; false when this is the first. */
  #link(to: number, name: string, { inode }: RootedStatus): boolean {
    const first = this.#linked.get(inode);
    if (first === undefined) return false;
    const at = first.lastIndexOf("/");
    const place = first.slice(0, Math.max(at, 0));
    const folder = must(openRootedPath(this.#tops.to, place, { flags: folderFlags, resolve: inside }), "openat2", place);
    const result = withFd(folder, () => makeHardLinkIn(to, name, { folder, name: first.slice(at + 1) }));
    if (result !== isThere) must(result, "linkat", name);
    return true;
  }

  #copyFile({ from, to }: Tops, { name, path }: { readonly name: string; readonly path: string }): void {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const target = openIn(to, name, flags, 0o600);
    if (target === isThere) return;
    withFd(must(target, "openat", path), () => {
      const source = openIn(from, name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      withFd(must(source, "openat", path), () => this.#copyContent({ from: source, to: target }, { path, position: 0 }));
    });
  }

  #resume(path: string, position: number): void {
    const source = must(openRootedPath(this.#tops.from, path, { flags: constants.O_RDONLY, resolve: inside }), "openat2", path);
    withFd(source, () => {
      const target = openRootedPath(this.#tops.to, path, { flags: constants.O_WRONLY, resolve: inside });
      withFd(must(target, "openat2", path), () => this.#copyContent({ from: source, to: target }, { path, position }));
    });
  }

  #copyContent(files: Tops, piece: Required<Piece>): void {
    let { position } = piece;
    if (position === 0 && cloneFile(files.from, files.to) === 0) return copyAttributes(files.from, files.to);
    for (;;) {
      if (this.#bytes <= 0) {
        this.#left.push({ path: piece.path, position });
        return;
      }
      const data = dataFrom(files.from, position);
      if (data === undefined) break;
      const length = Math.min(this.#bytes, data.end - data.begin, 1 << 30);
      const count = must(copyBytes(files.from, files.to, { position: data.begin, length }), "sendfile", piece.path);
      if (count === 0) break;
      position = data.begin + count;
      this.#bytes -= count;
    }
    // What is a hole at the end is none of the bytes that were copied.
    must(setSize(files.to, statusIn(files.from, "")?.size ?? position), "ftruncate", piece.path);
    copyAttributes(files.from, files.to);
  }
}

/** A link, device, pipe or socket. */
function copySpecial({ from, to }: Tops, name: string, status: RootedStatus): void {
  const isLink = (status.mode & constants.S_IFMT) === constants.S_IFLNK;
  const made = isLink ? makeLinkIn(to, name, readLinkIn(from, name) ?? "") : makeNodeIn(to, name, status.mode, status.device);
  if (made === isThere) return;
  must(made, isLink ? "symlinkat" : "mknodat", name);
  must(setOwnerIn(to, name, status), "fchownat", name);
  if (!isLink) must(setModeIn(to, name, status.mode & 0o7777), "fchmodat", name);
  must(setTimeIn(to, name, status.mtime), "utimensat", name);
}

/** Owner, extended attributes, mode and time of an open file; owner first, since chown clears setuid and capabilities. */
function copyAttributes(from: number, to: number): void {
  const status = statusIn(from, "");
  if (status === undefined) throw new KernelError("statx", 2);
  must(setOwner(to, status.uid, status.gid), "fchown", "");
  copyXattrs(from, to);
  must(setMode(to, status.mode & 0o7777), "fchmod", "");
  must(setTime(to, status.mtime), "utimensat", "");
}

/** Those of overlayfs say something of the layers, and nothing of the tree that they show. */
export function copyXattrs(from: number, to: number): void {
  const names = new Uint8Array(65_536);
  const length = listXattrs(from, names);
  // File systems without extended attributes say so here.
  const list = length <= 0 ? [] : String.fromCharCode(...names.subarray(0, length - 1)).split("\0");
  for (const name of list) {
    if (name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.")) continue;
    const value = new Uint8Array(65_536);
    const size = must(getXattr(from, name, value), "fgetxattr", name);
    must(setXattr(to, name, value.subarray(0, size)), "fsetxattr", name);
  }
}

/** True when a folder of the engine's holds nothing. */
function isEmptyFolder(path: string): boolean {
  return withFd(openAt(anywhere, path, folderFlags), (fd) => namesIn(fd).length === 0);
}

export const copyCalls = { copyTree, isEmptyFolder };
