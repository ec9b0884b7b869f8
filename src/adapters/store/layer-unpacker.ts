// Turns the entries of a layer into files below a LayerTree. Each file costs five calls (open, write, mode, time, close), two more when it
// is not root's; hard links share what is there and get no attributes, since the entry that they name has set them.
import { fault } from "#base";
import { type ByteString, layerPath, linkTarget, quoteBytes, type TarEntry, type TarSink } from "#image";
import { rooted } from "#linux";
import { constants } from "node:fs";
import { checkDevice, checkOwner } from "./entry-limits.ts";
import { joinPath, type LayerFolder, type LayerTree } from "./layer-tree.ts";
import { checkXattr, keptXattrs } from "./layer-xattrs.ts";

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const nodeTypes = { char: constants.S_IFCHR, block: constants.S_IFBLK, fifo: constants.S_IFIFO } as const;

/** Writes one layer. Not to be used again after an error; the caller throws the tree away. */
export class LayerUnpacker implements TarSink, Disposable {
  readonly #tree: LayerTree;
  #file: { readonly fd: number; readonly path: ByteString; readonly entry: TarEntry } | undefined;
  #size = 0;

  constructor(tree: LayerTree) {
    this.#tree = tree;
  }

  /** Bytes of file content so far. */
  get size(): number {
    return this.#size;
  }

  entry(entry: TarEntry): void {
    this.#tree.release();
    const place = layerPath(entry.name);
    switch (place.kind) {
      case "root":
        if (entry.type !== "directory") throw fault("invalid", `${quoteBytes(entry.name)}: the root of a layer must be a directory`);
        checkOwner(entry);
        this.#tree.setFolder("", entry);
        return;
      case "whiteout":
        this.#tree.hide(this.#tree.folder(place.parent), place.name);
        return;
      case "opaque":
        this.#tree.hideContents(this.#tree.folder(place.parent));
        return;
      case "entry":
        checkOwner(entry);
        this.#make(this.#tree.folder(place.parent), place.name, entry);
        return;
      case "ignored":
    }
  }

  content(bytes: Uint8Array, position: number): void {
    const file = this.#file;
    if (file === undefined) return;
    let rest = bytes;
    while (rest.length > 0) {
      const written = file.entry.sparse
        ? rooted.writeAt(file.fd, rest, position + bytes.length - rest.length)
        : rooted.write(file.fd, rest);
      rest = rest.subarray(must(written, "write", file.path));
    }
  }

  entryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      finishFile(file.fd, file.path, file.entry);
    } finally {
      rooted.close(file.fd);
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) rooted.close(this.#file.fd);
    this.#file = undefined;
  }

  #make(folder: LayerFolder, name: ByteString, entry: TarEntry): void {
    switch (entry.type) {
      case "file":
        this.#makeFile(folder, name, entry);
        return;
      case "directory":
        this.#tree.putFolder(folder, name, entry);
        return;
      case "symlink":
        this.#tree.put(folder, name, "symlinkat", () => rooted.makeLink(folder.fd, name, entry.linkName));
        setAttributes(folder, name, entry);
        return;
      case "hardlink":
        this.#makeHardLink(folder, name, entry);
        return;
      case "char":
      case "block":
      case "fifo":
        this.#makeNode(folder, name, { entry, type: nodeTypes[entry.type] });
    }
  }

  #makeFile(folder: LayerFolder, name: ByteString, entry: TarEntry): void {
    const fd = this.#tree.put(folder, name, "openat", () => rooted.open(folder.fd, name, createFlags, 0o600));
    const path = joinPath(folder.path, name);
    this.#file = { fd, path, entry };
    this.#size += entry.size;
    if (entry.sparse) rooted.must(rooted.setSize(fd, entry.size), "ftruncate", quoteBytes(path));
  }

  #makeHardLink(folder: LayerFolder, name: ByteString, entry: TarEntry): void {
    const target = linkTarget(entry.linkName);
    const source = this.#tree.existing(target.parent);
    const missing = `hard link ${quoteBytes(entry.name)}: ${quoteBytes(entry.linkName)} is not in the layer`;
    const mode = source === undefined ? undefined : rooted.status(source.fd, target.name)?.mode;
    if (source === undefined || mode === undefined || this.#tree.isWhiteout(source, target.name)) throw fault("invalid", missing);
    if ((mode & constants.S_IFMT) === constants.S_IFDIR) throw fault("invalid", `${missing} as a file`);
    if (joinPath(source.path, target.name) === joinPath(folder.path, name)) return;
    this.#tree.put(folder, name, "linkat", () => rooted.makeHardLink(folder.fd, name, { folder: source.fd, name: target.name }));
  }

  /** A device 0:0 would be overlayfs's mark of removal; layers write that as ".wh.NAME". */
  #makeNode(folder: LayerFolder, name: ByteString, node: { readonly entry: TarEntry; readonly type: number }): void {
    const { major, minor } = node.entry;
    if (node.type === constants.S_IFCHR && major === 0 && minor === 0) return;
    checkDevice(node.entry);
    this.#tree.put(folder, name, "mknodat", () => rooted.makeNode(folder.fd, name, node.type | 0o600, { major, minor }));
    setAttributes(folder, name, node.entry);
  }
}

/** Behind the content, since a write takes capabilities away, and owner first, since that takes setuid away. */
function finishFile(fd: number, path: ByteString, entry: TarEntry): void {
  if (entry.uid !== 0 || entry.gid !== 0) must(rooted.setOwner(fd, entry.uid, entry.gid), "fchown", path);
  must(rooted.setMode(fd, entry.mode), "fchmod", path);
  for (const [name, value] of keptXattrs(entry.xattrs)) checkXattr(rooted.setXattr(fd, name, value), name, quoteBytes(path));
  must(rooted.setTime(fd, entry.mtime), "utimensat", path);
}

/** Spells the name out only for a refusal. */
function must(result: number, call: string, path: ByteString): number {
  return result < 0 ? rooted.must(result, call, quoteBytes(path)) : result;
}

/** For what is not open: links and nodes, made just now by us in a tree that nobody else sees. */
function setAttributes(folder: LayerFolder, name: ByteString, entry: TarEntry): void {
  const path = joinPath(folder.path, name);
  if (entry.uid !== 0 || entry.gid !== 0) must(rooted.setOwnerIn(folder.fd, name, entry), "fchownat", path);
  if (entry.type !== "symlink") must(rooted.setModeIn(folder.fd, name, entry.mode), "fchmodat", path);
  for (const [key, value] of keptXattrs(entry.xattrs)) {
    checkXattr(rooted.setXattrIn(folder.fd, name, { name: key, value }), key, quoteBytes(path));
  }
  must(rooted.setTimeIn(folder.fd, name, entry.mtime), "utimensat", path);
}
