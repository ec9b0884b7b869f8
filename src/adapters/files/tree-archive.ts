// A tree on its way out as a tar, in pieces of the reader's choice. Directories are walked by descriptors that follow no link; of a file only
// what was announced is read, and one that shrinks meanwhile is filled with zeros, so that the archive stays one.
import { fault } from "#base";
import { byteStringOfText, type ByteString, quoteBytes, tarEnd, tarHeader, type TarEntryType, tarPadding } from "#image";
import { rooted, type RootedStatus } from "#linux";
import { constants } from "node:fs";
import { isOpaque, isWhiteout } from "./upper-changes.ts";
import { plainOwners, type TreeOwners } from "./tree-owners.ts";
import { isFolder, isMadeUp, openName, statusOf } from "./walk-path.ts";
import { readXattrs, readXattrsIn } from "./xattrs.ts";

const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY;
const maxDepth = 1000;
const nothing = new Uint8Array(0);

/** A tree as it is seen, or what overlayfs keeps of one in an upper folder, as a layer (OCI image spec, layer.md). */
export type TreeForm = "tree" | "layer";

export interface TreeOptions {
  readonly form: TreeForm;
  /** Folders of which only what lies in them is told. */
  readonly implied: readonly ByteString[];
  /** Absent: as they lie on the disk. */
  readonly owners?: TreeOwners;
}

const mark = ".wh.";
const opaqueMark = ".wh..wh..opq";

interface Level {
  readonly fd: number;
  readonly names: readonly ByteString[];
  /** What stands before the names in the archive. */
  readonly prefix: ByteString;
  readonly on: number;
  at: number;
}

interface OpenFile {
  readonly fd: number;
  readonly size: number;
  left: number;
}

const types: Readonly<Record<number, TarEntryType>> = {
  [constants.S_IFREG]: "file",
  [constants.S_IFDIR]: "directory",
  [constants.S_IFLNK]: "symlink",
  [constants.S_IFCHR]: "char",
  [constants.S_IFBLK]: "block",
  [constants.S_IFIFO]: "fifo",
};

/** The archive of one tree. Takes the descriptor of its top. */
export class TreeArchive implements Disposable {
  readonly #levels: Level[] = [];
  /** First names of files with several, by file system and inode. */
  readonly #linked = new Map<string, ByteString>();
  readonly #form: TreeForm;
  readonly #owners: TreeOwners;
  readonly #implied: ReadonlySet<ByteString>;
  #waiting: Uint8Array = nothing;
  #file: OpenFile | undefined;
  #ended = false;

  /** `name` is what the top is called; with none the archive begins with what lies in it. */
  constructor(top: number, name: string | undefined, { form, implied, owners = plainOwners }: TreeOptions = { form: "tree", implied: [] }) {
    this.#form = form;
    this.#owners = owners;
    this.#implied = new Set(implied);
    try {
      const status = statusOf(top);
      if (isFolder(status)) this.#openFolder(top, name === undefined ? undefined : byteStringOfText(name), status);
      else this.#give({ folder: top, name: "", path: byteStringOfText(name ?? "") }, top, status);
    } finally {
      rooted.close(top);
    }
  }

  /** At most `size` bytes, which are the caller's; undefined at the end. @throws KernelError */
  next(size: number): Uint8Array<ArrayBuffer> | undefined {
    const piece = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      if (this.#waiting.length > 0) {
        const part = this.#waiting.subarray(0, size - filled);
        piece.set(part, filled);
        filled += part.length;
        this.#waiting = this.#waiting.subarray(part.length);
      } else if (this.#file !== undefined) filled += this.#readFile(this.#file, piece.subarray(filled));
      else if (this.#ended) break;
      else this.#advance();
    }
    if (filled === 0) return undefined;
    return filled === size ? piece : piece.slice(0, filled);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#levels.splice(0)) rooted.close(fd);
    this.#closeFile();
  }

  #readFile(file: OpenFile, space: Uint8Array): number {
    const wanted = space.subarray(0, file.left);
    const got = wanted.length === 0 ? 0 : rooted.read(file.fd, wanted);
    if (got < 0) rooted.must(got, "read", "a file");
    // Shorter than it was: the rest is zeros already.
    const length = got === 0 ? wanted.length : got;
    file.left -= length;
    if (file.left === 0) {
      this.#waiting = tarPadding(file.size);
      this.#closeFile();
    }
    return length;
  }

  #closeFile(): void {
    if (this.#file !== undefined) rooted.close(this.#file.fd);
    this.#file = undefined;
  }

  /** Goes on to the next entry. */
  #advance(): void {
    const level = this.#levels.at(-1);
    if (level === undefined) {
      this.#waiting = tarEnd();
      this.#ended = true;
      return;
    }
    const name = level.names[level.at];
    level.at += 1;
    if (name === undefined) {
      this.#levels.pop();
      rooted.close(level.fd);
      return;
    }
    const fd = openName(level.fd, name);
    // Gone since the directory was read.
    if (fd < 0) return;
    try {
      const status = statusOf(fd);
      const path = level.prefix + name;
      if (this.#form === "layer" && name.startsWith(mark)) throw isMark(path);
      if (isFolder(status)) this.#openFolder(fd, path, status);
      else if (this.#form === "layer" && isWhiteout(status))
        this.#waiting = tarHeader({ type: "file", name: `${level.prefix}${mark}${name}`, mode: 0 });
      else this.#give({ folder: level.fd, name, path }, fd, status);
    } finally {
      rooted.close(fd);
    }
  }

  #openFolder(fd: number, path: ByteString | undefined, status: RootedStatus): void {
    if (this.#levels.length >= maxDepth) throw fault("internal", `${quoteBytes(path ?? "")}: too deep for an archive`);
    const prefix = path === undefined ? "" : path === "/" ? "/" : `${path}/`;
    const opened = rooted.open(fd, ".", folderFlags);
    if (opened < 0) rooted.must(opened, "openat", quoteBytes(path ?? ""));
    if (path !== undefined && !this.#implied.has(path))
      this.#waiting = tarHeader({ ...this.#common(status), type: "directory", name: prefix, xattrs: readXattrs(opened) });
    if (this.#form === "layer" && isOpaque(opened))
      this.#waiting = joined(this.#waiting, tarHeader({ type: "file", name: prefix + opaqueMark, mode: 0 }));
    if (status.on !== this.#levels.at(-1)?.on && isMadeUp(fd)) {
      rooted.close(opened);
      return;
    }
    try {
      this.#levels.push({ fd: opened, names: rooted.names(opened).toSorted(), prefix, on: status.on, at: 0 });
    } catch (error) {
      rooted.close(opened);
      throw error;
    }
  }

  #give(place: { readonly folder: number; readonly name: ByteString; readonly path: ByteString }, fd: number, status: RootedStatus): void {
    const type = types[status.mode & constants.S_IFMT];
    // A socket, which no archive can hold.
    if (type === undefined) return;
    const first = this.#firstName(status, place.path);
    if (first !== undefined) {
      this.#waiting = tarHeader({ ...this.#common(status), type: "hardlink", name: place.path, linkName: first });
      return;
    }
    const member = { ...this.#common(status), name: place.path };
    if (type === "file") {
      this.#giveFile(fd, member, status.size);
      return;
    }
    const xattrs = readXattrsIn(place.folder, place.name === "" ? "." : place.name);
    const linkName = type === "symlink" ? (rooted.readLink(fd, "") ?? "") : "";
    this.#waiting = tarHeader({ ...member, ...status.device, type, linkName, xattrs });
  }

  /** By way of the descriptor: the same inode that was looked at, so never a device or a FIFO that took its place. */
  #giveFile(fd: number, member: { readonly name: ByteString }, size: number): void {
    const opened = rooted.open(-100, `/proc/self/fd/${fd}`, readFlags);
    if (opened < 0) rooted.must(opened, "openat", quoteBytes(member.name));
    this.#waiting = tarHeader({ ...member, type: "file", size, xattrs: readXattrs(opened) });
    if (size === 0) rooted.close(opened);
    else this.#file = { fd: opened, size, left: size };
  }

  /** Whole seconds, as Docker's archives have them. */
  #common({ mode, uid, gid, mtime }: RootedStatus) {
    return { mode: mode & 0o7777, ...this.#owners.shown({ uid, gid }), mtime: { seconds: mtime.seconds, nanos: 0 } };
  }

  #firstName({ links, mode, on, inode }: RootedStatus, path: ByteString): ByteString | undefined {
    if (links < 2 || (mode & constants.S_IFMT) === constants.S_IFDIR) return undefined;
    const key = `${on}:${inode}`;
    const first = this.#linked.get(key);
    if (first === undefined) this.#linked.set(key, path);
    return first;
  }
}

/** In an image it would remove something instead. */
function isMark(path: ByteString): Error {
  return fault("invalid", `${quoteBytes(path)}: names that begin with ".wh." cannot be in a layer`);
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length);
  bytes.set(left);
  bytes.set(right, left.length);
  return bytes;
}
