// What a tar holds, written into a tree in which others may rename at the same time. Every name is one component below a directory that was
// opened in the root by the kernel's own rules; files are made anew and changed by their descriptors, so nothing here ever follows a link.
import { fault } from "#base";
import type { ExtractOptions } from "#container";
import { type ByteString, byteStringOfText, quoteBytes, type TarEntry, type TarSink, type TarTime } from "#image";
import { rooted } from "#linux";
import { constants } from "node:fs";
import { plainOwners, type TreeOwners } from "./tree-owners.ts";
import { removeWhole } from "./remove-whole.ts";
import { isFolder, isMadeUp, openName, openPath } from "./walk-path.ts";
import { writeXattrs } from "./xattrs.ts";

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const ENOENT = -2;
const EEXIST = -17;
const maxKept = 64;
const nodeTypes = { char: constants.S_IFCHR, block: constants.S_IFBLK, fifo: constants.S_IFIFO } as const;

/** Writes one archive. Takes neither descriptor; after an error it is not to be used again. */
export class TreeExtractor implements TarSink, Disposable {
  readonly #root: number;
  readonly #path: ByteString;
  readonly #options: ExtractOptions;
  readonly #owners: TreeOwners;
  readonly #folders = new Map<ByteString, number>();
  /** Set at the end, since what is written into a directory changes its time. */
  readonly #times = new Map<ByteString, TarTime>();
  #file: { readonly fd: number; readonly entry: TarEntry } | undefined;

  constructor(root: number, path: string, { owners, ...options }: ExtractOptions & { readonly owners: TreeOwners }) {
    this.#root = root;
    this.#path = byteStringOfText(path);
    this.#options = options;
    this.#owners = owners;
  }

  entry(entry: TarEntry): void {
    const parts = partsOf(entry.name);
    const name = parts.pop();
    if (name === undefined) {
      this.#takeOwn(entry);
      return;
    }
    const folder = this.#folder(parts);
    this.#makeRoom(folder, name, entry);
    const make = { folder, name, entry };
    if (entry.type === "file") this.#makeFile(make);
    else if (entry.type === "directory") this.#makeFolder(make, [...parts, name].join("/"));
    else if (entry.type === "hardlink") this.#makeHardLink(make);
    else if (entry.type === "symlink") this.#makeLink(make);
    else this.#makeNode(make, nodeTypes[entry.type]);
  }

  content(bytes: Uint8Array, position: number): void {
    const file = this.#file;
    if (file === undefined) return;
    for (let rest = bytes; rest.length > 0;) {
      const at = position + bytes.length - rest.length;
      const written = file.entry.sparse ? rooted.writeAt(file.fd, rest, at) : rooted.write(file.fd, rest);
      rest = rest.subarray(must(written, "write", file.entry));
    }
  }

  entryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { fd, entry } = file;
    try {
      this.#own(fd, entry);
      must(rooted.setTime(fd, entry.mtime), "utimensat", entry);
    } finally {
      rooted.close(fd);
    }
  }

  /** Gives directories their times; those that are gone again have none. */
  finish(): void {
    for (const [path, time] of this.#times) {
      const fd = this.#open(path);
      if (fd < 0) continue;
      rooted.setTimeIn(fd, ".", time);
      rooted.close(fd);
    }
  }

  [Symbol.dispose](): void {
    this.#forget();
    if (this.#file !== undefined) rooted.close(this.#file.fd);
    this.#file = undefined;
  }

  #open(path: ByteString): number {
    return openPath(this.#root, path === "" ? this.#path : `${this.#path}/${path}`, constants.O_DIRECTORY);
  }

  /** The directory itself, which is there. */
  #takeOwn(entry: TarEntry): void {
    if (this.#options.takesOwn !== true || entry.type !== "directory") return;
    const fd = must(rooted.open(this.#folder([]), ".", folderFlags), "openat", entry);
    try {
      this.#own(fd, entry);
    } finally {
      rooted.close(fd);
    }
    this.#times.set("", entry.mtime);
  }

  /** The directory of an entry, with those above it that are missing. */
  #folder(parts: readonly ByteString[]): number {
    const path = parts.join("/");
    const kept = this.#folders.get(path);
    if (kept !== undefined) return kept;
    if (this.#folders.size >= maxKept) this.#forget();
    let fd = this.#open(path);
    if (fd === ENOENT && parts.length > 0) {
      const above = this.#folder(parts.slice(0, -1));
      const name = parts.at(-1) ?? "";
      const made = rooted.makeFolder(above, name, 0o755);
      if (made !== EEXIST) rooted.must(made, "mkdirat", quoteBytes(path));
      // Our root is nobody in a container with users of its own.
      if (made !== EEXIST && this.#owners !== plainOwners) rooted.setOwnerIn(above, name, this.#owners.kept({ uid: 0, gid: 0 }));
      fd = this.#open(path);
    }
    rooted.must(fd, "openat2", quoteBytes(path));
    this.#folders.set(path, fd);
    if (isMadeUp(fd)) throw fault("denied", `${quoteBytes(path)} is the kernel's own: nothing can be copied into it`);
    return fd;
  }

  #forget(): void {
    for (const fd of this.#folders.values()) rooted.close(fd);
    this.#folders.clear();
  }

  /** What stands there gives way, but a directory to a directory. */
  #makeRoom(folder: number, name: ByteString, entry: TarEntry): void {
    const there = rooted.status(folder, name);
    if (there === undefined) return;
    const isThere = isFolder(there);
    const comes = entry.type === "directory";
    if (isThere && comes) return;
    if (this.#options.keepKinds && isThere !== comes) {
      const [old, fresh] = comes ? ["non-directory", "directory"] : ["directory", "non-directory"];
      const target = new TextDecoder().decode(Buffer.from(this.#path, "latin1"));
      throw fault("invalid", `cannot overwrite ${old} ${quoteBytes(cleanName(entry.name))} with ${fresh} ${JSON.stringify(target)}`);
    }
    if (isThere) removeWhole(folder, name);
    else must(rooted.remove(folder, name), "unlinkat", entry);
    if (isThere || (there.mode & constants.S_IFMT) === constants.S_IFLNK) this.#dropStale(folder);
  }

  /** Descriptors below what was removed would lead into nowhere; the one in use stays. */
  #dropStale(used: number): void {
    for (const [path, fd] of this.#folders) {
      if (fd === used) continue;
      rooted.close(fd);
      this.#folders.delete(path);
    }
  }

  #makeFile({ folder, name, entry }: Make): void {
    const fd = must(rooted.open(folder, name, createFlags, 0o600), "openat", entry);
    this.#file = { fd, entry };
    if (entry.sparse) must(rooted.setSize(fd, entry.size), "ftruncate", entry);
  }

  #makeFolder({ folder, name, entry }: Make, path: ByteString): void {
    const made = rooted.makeFolder(folder, name, 0o755);
    if (made !== EEXIST) must(made, "mkdirat", entry);
    const fd = must(rooted.open(folder, name, folderFlags), "openat", entry);
    try {
      this.#own(fd, entry);
    } finally {
      rooted.close(fd);
    }
    this.#times.set(path, entry.mtime);
  }

  #makeHardLink({ folder, name, entry }: Make): void {
    const parts = partsOf(entry.linkName);
    const source = parts.pop();
    if (source === undefined) throw fault("invalid", `invalid hard link target ${quoteBytes(entry.linkName)}`);
    const from = this.#open(parts.join("/"));
    must(from, "openat2", entry);
    try {
      must(rooted.makeHardLink(folder, name, { folder: from, name: source }), "linkat", entry);
    } finally {
      rooted.close(from);
    }
  }

  #makeLink({ folder, name, entry }: Make): void {
    must(rooted.makeLink(folder, name, entry.linkName), "symlinkat", entry);
    must(rooted.setOwnerIn(folder, name, this.#owners.kept(this.#options.owner ?? entry)), "fchownat", entry);
    writeXattrs(entry.xattrs, (key, value) => rooted.setXattrIn(folder, name, { name: key, value }));
    must(rooted.setTimeIn(folder, name, entry.mtime), "utimensat", entry);
  }

  #makeNode({ folder, name, entry }: Make, type: number): void {
    must(rooted.makeNode(folder, name, type | 0o600, entry), "mknodat", entry);
    must(rooted.setOwnerIn(folder, name, this.#owners.kept(this.#options.owner ?? entry)), "fchownat", entry);
    const fd = must(openName(folder, name), "openat", entry);
    try {
      // By the descriptor: changed by name, a link that took the node's place would be followed, on the host.
      must(rooted.setModeOf(fd, entry.mode), "fchmodat", entry);
    } finally {
      rooted.close(fd);
    }
    writeXattrs(entry.xattrs, (key, value) => rooted.setXattrIn(folder, name, { name: key, value }));
    must(rooted.setTimeIn(folder, name, entry.mtime), "utimensat", entry);
  }

  /** Owner first, since that takes setuid away; behind the content, since a write takes capabilities away. */
  #own(fd: number, entry: TarEntry): void {
    const { uid, gid } = this.#owners.kept(this.#options.owner ?? entry);
    must(rooted.setOwner(fd, uid, gid), "fchown", entry);
    must(rooted.setMode(fd, entry.mode), "fchmod", entry);
    writeXattrs(entry.xattrs, (name, value) => rooted.setXattr(fd, name, value));
  }
}

interface Make {
  readonly folder: number;
  readonly name: ByteString;
  readonly entry: TarEntry;
}

/** The components of a name below the directory. @throws invalid for one that leaves it */
function partsOf(name: ByteString): ByteString[] {
  const parts: ByteString[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw fault("invalid", `invalid entry name ${quoteBytes(name)}`);
  }
  return parts;
}

function cleanName(name: ByteString): ByteString {
  return partsOf(name).join("/");
}

/** Spells the name out only for a refusal. */
function must(result: number, call: string, entry: TarEntry): number {
  return result < 0 ? rooted.must(result, call, quoteBytes(entry.name)) : result;
}
