// The tree that a layer is unpacked into, seen from one pinned descriptor. Folders are resolved with openat2: first without any link, so
// that the path itself is the folder's one true name; only where a link stands on the way inside the root (RESOLVE_IN_ROOT), with the true
// name read back. Their descriptors are kept, and all dropped whenever a folder or link is replaced; dropped ones stay open until the next
// entry, which may hold one. Attributes of folders are set at the end: what is written into a folder changes its time, and a setgid folder would hand its group on.
import { fault } from "#base";
import { type ByteString, quoteBytes, type TarEntry, type TarTime } from "#image";
import { rooted } from "#linux";
import { constants } from "node:fs";
import { checkXattr, keptXattrs } from "./layer-xattrs.ts";

const RESOLVE_NO_XDEV = 0x01;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_IN_ROOT = 0x10;
const O_PATH = 0o10000000;
const folderFlags = O_PATH | constants.O_DIRECTORY;
const readFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const ENOENT = -2;
const EEXIST = -17;
const ENOTDIR = -20;
const ELOOP = -40;
const maxKept = 200;
const maxDepth = 200;

/** An open folder of the layer and its true name from the root. */
export interface LayerFolder {
  readonly fd: number;
  readonly path: ByteString;
}

interface FolderAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: TarTime;
  readonly xattrs: ReadonlyMap<ByteString, ByteString>;
}

const impliedAttributes: FolderAttributes = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 0, nanos: 0 }, xattrs: new Map() };

/** Takes a folder that is empty but for what this object makes in it. For one thread; not reentrant. */
export class LayerTree implements Disposable {
  readonly #root: number;
  readonly #rootPath: string;
  readonly #folders = new Map<ByteString, LayerFolder>();
  readonly #dropped: number[] = [];
  readonly #attributes = new Map<ByteString, FolderAttributes>();
  readonly #implied = new Set<ByteString>();
  readonly #whiteouts = new Set<ByteString>();
  readonly #opaque = new Set<ByteString>();

  constructor(path: string) {
    this.#root = rooted.must(rooted.openPath(-100, path, { flags: folderFlags, resolve: RESOLVE_NO_MAGICLINKS }), "openat2", path);
    this.#rootPath = this.#pathOf(this.#root);
    this.setFolder("", { ...impliedAttributes });
  }

  /** Folders that no entry described so far, by true name. */
  get implied(): readonly ByteString[] {
    return [...this.#implied];
  }

  /** Folders given before this call may be closed. */
  release(): void {
    for (const fd of this.#dropped.splice(0)) rooted.close(fd);
  }

  /** The folder at `path`, made with all above it when missing. @throws invalid when something else stands there */
  folder(path: ByteString): LayerFolder {
    const kept = this.#folders.get(path) ?? this.#open(path);
    if (typeof kept !== "number") return kept;
    if (kept !== ENOENT && kept !== ENOTDIR) rooted.must(kept, "openat2", quoteBytes(path));
    this.#imply(path);
    const made = this.#folders.get(path) ?? this.#open(path);
    if (typeof made === "number") throw notFolder(path, made);
    return made;
  }

  /** The folder at `path` if it is there. */
  existing(path: ByteString): LayerFolder | undefined {
    const found = this.#folders.get(path) ?? this.#open(path);
    return typeof found === "number" ? undefined : found;
  }

  /** Runs `make` (a result below zero is -errno); what stands there already gives way, as in every unpacker of layers. */
  put(folder: LayerFolder, name: ByteString, call: string, make: () => number): number {
    let made = make();
    if (made === EEXIST) {
      this.#clear(folder, name);
      made = make();
    }
    return made < 0 ? rooted.must(made, call, quoteBytes(joinPath(folder.path, name))) : made;
  }

  /** Makes the folder, or keeps the one that stands there, and notes its attributes. */
  putFolder(parent: LayerFolder, name: ByteString, entry: TarEntry): void {
    const path = joinPath(parent.path, name);
    const made = rooted.makeFolder(parent.fd, name, 0o755);
    if (made === EEXIST && !isFolder(rooted.status(parent.fd, name)?.mode)) {
      const hid = this.#whiteouts.has(path);
      this.#clear(parent, name);
      rooted.must(rooted.makeFolder(parent.fd, name, 0o755), "mkdirat", quoteBytes(path));
      if (hid) this.#setOpaque(parent, name);
    } else if (made !== EEXIST) rooted.must(made, "mkdirat", quoteBytes(path));
    this.#implied.delete(path);
    this.setFolder(path, entry);
  }

  /** Notes what the folder shall be at the end. */
  setFolder(path: ByteString, attributes: FolderAttributes): void {
    this.#attributes.set(path, attributes);
  }

  /** Hides `name` of lower layers (overlayfs: a character device 0:0). What this layer itself puts there stays, whichever comes first. */
  hide(parent: LayerFolder, name: ByteString): void {
    const made = rooted.makeNode(parent.fd, name, constants.S_IFCHR, { major: 0, minor: 0 });
    if (made === EEXIST) {
      if (isFolder(rooted.status(parent.fd, name)?.mode)) {
        this.#setOpaque(parent, name);
        this.#implied.delete(joinPath(parent.path, name));
      }
      return;
    }
    rooted.must(made, "mknodat", quoteBytes(name));
    // Nobody sees it, but the same layer shall be the same tree whenever it is unpacked.
    rooted.must(rooted.setTimeIn(parent.fd, name, impliedAttributes.mtime), "utimensat", quoteBytes(name));
    this.#whiteouts.add(joinPath(parent.path, name));
  }

  /** Hides all that lower layers have in the folder. @throws unsupported for the root, where overlayfs has no such mark */
  hideContents(folder: LayerFolder): void {
    if (folder.path === "") throw fault("unsupported", "a layer whose root hides all layers below is not supported");
    this.#setOpaque(folder, ".");
  }

  /** True when the name is a mark of removal made by `hide`. */
  isWhiteout(folder: LayerFolder, name: ByteString): boolean {
    return this.#whiteouts.has(joinPath(folder.path, name));
  }

  /** Sets the attributes of all folders. @throws KernelError */
  finish(): void {
    for (const path of this.#whiteouts) if (this.#isInOpaque(path)) this.#removeWhiteout(path);
    for (const [path, attributes] of this.#attributes) {
      const options = { flags: readFlags, resolve: RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
      const fd = rooted.must(rooted.openPath(this.#root, path, options), "openat2", quoteBytes(path));
      try {
        applyToFolder(fd, path, attributes);
      } finally {
        rooted.close(fd);
      }
    }
  }

  /** In an opaque folder a mark of removal has nothing to hide, and overlayfs would list it: it filters the names of merged folders only. */
  #isInOpaque(path: ByteString): boolean {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      if (this.#opaque.has(path.slice(0, slash))) return true;
    }
    return false;
  }

  #removeWhiteout(path: ByteString): void {
    const slash = path.lastIndexOf("/");
    const folder = this.folder(path.slice(0, slash));
    rooted.must(rooted.remove(folder.fd, path.slice(slash + 1)), "unlinkat", quoteBytes(path));
    this.release();
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.release();
    rooted.close(this.#root);
  }

  #open(path: ByteString): LayerFolder | number {
    if (this.#folders.size >= maxKept) this.#forget();
    let truePath = path;
    let fd = rooted.openPath(this.#root, path, { flags: folderFlags, resolve: RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV });
    if (fd === ELOOP || fd === ENOTDIR) {
      fd = rooted.openPath(this.#root, path, { flags: folderFlags, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV });
      if (fd >= 0) truePath = this.#pathOf(fd).slice(this.#rootPath.length + 1);
    }
    if (fd < 0) return fd;
    const folder = { fd, path: truePath };
    this.#folders.set(path, folder);
    return folder;
  }

  /** The kernel's own name of what is open. */
  #pathOf(fd: number): string {
    const path = rooted.readLink(-100, `/proc/self/fd/${fd}`);
    if (path === undefined) throw fault("internal", "cannot read /proc/self/fd; is /proc mounted?");
    return path;
  }

  /** Makes what is missing on the way; a mark of removal on it becomes an opaque folder. */
  #imply(path: ByteString): void {
    let above: LayerFolder = { fd: this.#root, path: "" };
    let seen = "";
    for (const name of path.split("/")) {
      seen = joinPath(seen, name);
      let next = this.#folders.get(seen) ?? this.#open(seen);
      if (typeof next === "number") {
        const truePath = joinPath(above.path, name);
        const hid = this.#whiteouts.has(truePath);
        if (hid) this.#clear(above, name);
        const made = rooted.makeFolder(above.fd, name, 0o755);
        if (made < 0) throw notFolder(seen, made);
        // Behind a mark of removal the folder is a new one, about which no layer below has a say.
        if (hid) this.#setOpaque(above, name);
        else this.#implied.add(truePath);
        this.setFolder(truePath, impliedAttributes);
        next = this.#open(seen);
        if (typeof next === "number") throw notFolder(seen, next);
      }
      above = next;
    }
  }

  #setOpaque(parent: LayerFolder, name: ByteString): void {
    const xattr = { name: "trusted.overlay.opaque", value: new Uint8Array([0x79]) };
    const path = name === "." ? parent.path : joinPath(parent.path, name);
    rooted.must(rooted.setXattrIn(parent.fd, name, xattr), "lsetxattr", quoteBytes(path));
    this.#opaque.add(path);
  }

  /** Removes what stands at the name, whole. */
  #clear(folder: LayerFolder, name: ByteString): void {
    const mode = rooted.status(folder.fd, name)?.mode;
    if (mode === undefined) return;
    const path = joinPath(folder.path, name);
    this.#whiteouts.delete(path);
    if (!isFolder(mode)) {
      rooted.must(rooted.remove(folder.fd, name), "unlinkat", quoteBytes(path));
      if ((mode & constants.S_IFMT) === constants.S_IFLNK) this.#forget();
      return;
    }
    removeFolder(folder.fd, name, path);
    this.#forget();
    for (const noted of [this.#attributes, this.#implied, this.#whiteouts, this.#opaque]) {
      for (const key of noted.keys()) if (key === path || key.startsWith(`${path}/`)) noted.delete(key);
    }
  }

  #forget(): void {
    for (const { fd } of this.#folders.values()) this.#dropped.push(fd);
    this.#folders.clear();
  }
}

/** A name below a folder, "" being the root. */
export function joinPath(parent: ByteString, name: ByteString): ByteString {
  return parent === "" ? name : `${parent}/${name}`;
}

function isFolder(mode: number | undefined): boolean {
  return mode !== undefined && (mode & constants.S_IFMT) === constants.S_IFDIR;
}

function notFolder(path: ByteString, result: number): Error {
  if (result === EEXIST || result === ENOTDIR) return fault("invalid", `${quoteBytes(path)} in the layer is not a directory`);
  rooted.must(result, "mkdirat", quoteBytes(path));
  return fault("internal", `cannot open ${quoteBytes(path)} in the layer`);
}

function removeFolder(parent: number, name: ByteString, path: ByteString): void {
  if (path.split("/").length > maxDepth) throw fault("invalid", `${quoteBytes(path)}: too deep to be replaced`);
  const fd = rooted.must(rooted.open(parent, name, readFlags), "openat", quoteBytes(path));
  try {
    for (const child of rooted.names(fd)) {
      const inside = joinPath(path, child);
      if (isFolder(rooted.status(fd, child)?.mode)) removeFolder(fd, child, inside);
      else rooted.must(rooted.remove(fd, child), "unlinkat", quoteBytes(inside));
    }
  } finally {
    rooted.close(fd);
  }
  rooted.must(rooted.removeFolder(parent, name), "unlinkat", quoteBytes(path));
}

function applyToFolder(fd: number, path: ByteString, attributes: FolderAttributes): void {
  const subject = quoteBytes(path);
  rooted.must(rooted.setOwner(fd, attributes.uid, attributes.gid), "fchown", subject);
  rooted.must(rooted.setMode(fd, attributes.mode), "fchmod", subject);
  for (const [name, value] of keptXattrs(attributes.xattrs)) checkXattr(rooted.setXattr(fd, name, value), name, subject);
  rooted.must(rooted.setTime(fd, attributes.mtime), "utimensat", subject);
}
