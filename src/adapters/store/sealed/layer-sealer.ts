// Turns the entries of a layer into names and attributes; contents stay where they are in the archive. The rules are those of
// layer-unpacker.ts, where the kernel says what is refused; here we do, in the same words.
import { fault } from "#base";
import { type ByteString, layerPath, linkTarget, quoteBytes, type TarEntry, type TarSink } from "#image";
import { checkDevice, checkOwner } from "../entry-limits.ts";
import { xattrsOf } from "./index-xattrs.ts";
import type { Attributes, FolderNode, Fragment, LayerNode } from "./layer-node.ts";
import { whiteout } from "./layer-node.ts";
import type { LayerNames } from "./layer-names.ts";

/** The kernel takes no longer target of a link (symlink(2)). */
const longestTarget = 4095;

export class LayerSealer implements TarSink {
  readonly #names: LayerNames;
  #size = 0;
  #fragments: Fragment[] | undefined;
  /** Where in the archive the next piece of a sparse file lies. */
  #offset = 0;

  constructor(names: LayerNames) {
    this.#names = names;
  }

  /** Bytes of file content so far. */
  get size(): number {
    return this.#size;
  }

  entry(entry: TarEntry): void {
    const place = layerPath(entry.name);
    switch (place.kind) {
      case "root":
        if (entry.type !== "directory") throw fault("invalid", `${quoteBytes(entry.name)}: the root of a layer must be a directory`);
        checkOwner(entry);
        this.#names.root.attributes = attributesOf(entry);
        return;
      case "whiteout":
        this.#names.hide(this.#names.folder(place.parent), place.name);
        return;
      case "opaque":
        if (place.parent === "") throw fault("unsupported", "a layer whose root hides all layers below is not supported");
        this.#names.folder(place.parent).isOpaque = true;
        return;
      case "entry":
        checkOwner(entry);
        this.#make(this.#names.folder(place.parent), place.name, entry);
        return;
      case "ignored":
    }
  }

  content(bytes: Uint8Array, position: number): void {
    const fragments = this.#fragments;
    if (fragments === undefined) return;
    const last = fragments.at(-1);
    if (last !== undefined && last.position + last.length === position) {
      fragments[fragments.length - 1] = { ...last, length: last.length + bytes.length };
    } else fragments.push({ position, offset: this.#offset, length: bytes.length });
    this.#offset += bytes.length;
  }

  entryEnd(): void {
    this.#fragments = undefined;
  }

  #make(folder: FolderNode, name: ByteString, entry: TarEntry): void {
    switch (entry.type) {
      case "file":
        this.#makeFile(folder, name, entry);
        return;
      case "directory":
        this.#names.putFolder(folder, name, attributesOf(entry));
        return;
      case "symlink":
        this.#makeLink(folder, name, entry);
        return;
      case "hardlink":
        this.#makeHardLink(folder, name, entry);
        return;
      case "char":
      case "block":
      case "fifo":
        this.#makeNode(folder, name, { ...entry, type: entry.type });
    }
  }

  #makeFile(folder: FolderNode, name: ByteString, entry: TarEntry): void {
    this.#size += entry.size;
    this.#fragments = entry.sparse ? [] : undefined;
    this.#offset = entry.offset;
    const content = this.#fragments ?? entry.offset;
    this.#names.put(folder, name, { type: "file", attributes: attributesOf(entry), size: entry.size, content });
  }

  #makeLink(folder: FolderNode, name: ByteString, entry: TarEntry): void {
    const { linkName: target } = entry;
    if (target === "") throw fault("invalid", `symlinkat ${quoteBytes(entry.name)}: ENOENT`);
    if (target.length > longestTarget || target.includes("\0")) throw fault("invalid", `symlinkat ${quoteBytes(entry.name)}: ENAMETOOLONG`);
    // No mode of a link is ever asked for; symlink(7) has this one.
    this.#names.put(folder, name, { type: "symlink", attributes: { ...attributesOf(entry), mode: 0o777 }, target });
  }

  #makeHardLink(folder: FolderNode, name: ByteString, entry: TarEntry): void {
    const target = linkTarget(entry.linkName);
    const source = this.#names.existing(target.parent, target.name);
    const missing = `hard link ${quoteBytes(entry.name)}: ${quoteBytes(entry.linkName)} is not in the layer`;
    if (source === undefined || source === whiteout) throw fault("invalid", missing);
    if (source.type === "folder") throw fault("invalid", `${missing} as a file`);
    this.#names.put(folder, name, source);
    // It was in the folder whose place it should take.
    if (this.#names.existing(target.parent, target.name) !== source) throw fault("invalid", missing);
  }

  /** A device 0:0 would be overlayfs's mark of removal; layers write that as ".wh.NAME". */
  #makeNode(folder: FolderNode, name: ByteString, entry: TarEntry & { readonly type: "char" | "block" | "fifo" }): void {
    const { major, minor, type } = entry;
    if (type === "char" && major === 0 && minor === 0) return;
    checkDevice(entry);
    const node: LayerNode = { type, attributes: attributesOf(entry), major, minor };
    this.#names.put(folder, name, node);
  }
}

function attributesOf(entry: TarEntry): Attributes {
  const { uid, gid, mtime } = entry;
  return { mode: entry.mode & 0o7777, uid, gid, mtime, xattrs: xattrsOf(entry) };
}
