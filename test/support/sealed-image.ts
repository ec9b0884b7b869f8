// A reader of EROFS images that shares nothing with the writer: it knows the format from the kernel's side, follows every pointer and
// refuses what the kernel would stumble over. It gives the tree as data, contents read out of index and archive.
import { byteString, type ByteString } from "#image";

export interface SealedEntry {
  readonly type: "file" | "directory" | "symlink" | "char" | "block" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: { readonly seconds: number; readonly nanos: number };
  readonly links: number;
  readonly device: number;
  /** Of a file its bytes, of a link its target. */
  readonly content: ByteString;
  readonly xattrs: ReadonlyMap<ByteString, ByteString>;
  /** The same for all names of one file. */
  readonly node: number;
}

const types = { 1: "fifo", 2: "char", 4: "directory", 6: "block", 8: "file", 10: "symlink" } as const;
const entryTypes = { 1: "file", 2: "directory", 3: "char", 4: "block", 5: "fifo", 7: "symlink" } as const;
const prefixes: Readonly<Record<number, string>> = {
  1: "user.",
  2: "system.posix_acl_access",
  3: "system.posix_acl_default",
  4: "trusted.",
  6: "security.",
};

class SealedImage {
  readonly #index: Uint8Array;
  readonly #archive: Uint8Array;
  readonly #view: DataView;

  constructor(index: Uint8Array, archive: Uint8Array) {
    this.#index = index;
    this.#archive = archive;
    this.#view = new DataView(index.buffer, index.byteOffset, index.length);
    if (this.#u32(1024) !== 0xe0f5e1e2) throw new Error("no image");
    if (this.#view.getUint8(1036) !== 9) throw new Error("blocks are not of 512 bytes");
    if (this.#u16(1024 + 86) !== 1) throw new Error("not one extra device");
  }

  walk(): ReadonlyMap<ByteString, SealedEntry> {
    const found = new Map<ByteString, SealedEntry>();
    const root = this.#u16(1024 + 14);
    const left: { readonly path: ByteString; readonly node: number; readonly above: number }[] = [{ path: "", node: root, above: root }];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { path, node, above } = next;
      const entry = this.#entry(node);
      found.set(path, entry);
      if (entry.type !== "directory") continue;
      for (const child of this.#children(entry.content, { node, above })) {
        const place = path === "" ? child.name : `${path}/${child.name}`;
        const { type } = this.#entry(child.node);
        if (type !== child.type) throw new Error(`${place} is ${type}, and listed as ${child.type}`);
        left.push({ path: place, node: child.node, above: node });
      }
    }
    return found;
  }

  #entry(node: number): SealedEntry {
    const at = node * 32;
    const format = this.#u16(at);
    if ((format & 1) === 0) throw new Error("a short inode");
    const mode = this.#u16(at + 4);
    const type = types[(mode >> 12) as keyof typeof types];
    const words = this.#u16(at + 2);
    const xattrSize = words === 0 ? 0 : 12 + 4 * (words - 1);
    const isDevice = type === "char" || type === "block";
    const size = Number(this.#view.getBigUint64(at + 8, true));
    const content =
      isDevice || size === 0 ? "" : this.#content({ layout: format >> 1, block: this.#u32(at + 16), size, tail: at + 64 + xattrSize });
    return {
      type,
      mode: mode & 0o7777,
      uid: this.#u32(at + 24),
      gid: this.#u32(at + 28),
      mtime: { seconds: Number(this.#view.getBigInt64(at + 32, true)), nanos: this.#u32(at + 40) },
      links: this.#u32(at + 44),
      device: isDevice ? this.#u32(at + 16) : 0,
      content,
      xattrs: this.#xattrs(at + 64, xattrSize),
      node,
    };
  }

  #content(inode: { readonly layout: number; readonly block: number; readonly size: number; readonly tail: number }): ByteString {
    const { layout, block, size, tail } = inode;
    if (layout === 2) {
      if (Math.floor(tail / 512) !== Math.floor((tail + size - 1) / 512)) throw new Error("inline content over two blocks");
      return byteString(this.#index, tail, tail + size);
    }
    if (layout !== 0) throw new Error(`layout ${layout}`);
    const archiveFrom = this.#u32(1152 + 68);
    const [bytes, from] = block >= archiveFrom ? [this.#archive, (block - archiveFrom) * 512] : [this.#index, block * 512];
    if (from + size > bytes.length) throw new Error("content behind the end");
    return byteString(bytes, from, from + size);
  }

  #xattrs(from: number, size: number): ReadonlyMap<ByteString, ByteString> {
    const xattrs = new Map<ByteString, ByteString>();
    for (let at = from + 12; at < from + size;) {
      const [nameLength, prefix, valueLength] = [this.#view.getUint8(at), this.#view.getUint8(at + 1), this.#u16(at + 2)];
      const valueAt = at + 4 + nameLength;
      xattrs.set(`${prefixes[prefix]}${byteString(this.#index, at + 4, valueAt)}`, byteString(this.#index, valueAt, valueAt + valueLength));
      at += Math.ceil((4 + nameLength + valueLength) / 4) * 4;
    }
    return xattrs;
  }

  /** All but the dots, which must be there and right; names must rise over all blocks, or the kernel's search misses some. */
  #children(
    content: ByteString,
    expected: { readonly node: number; readonly above: number },
  ): { name: ByteString; node: number; type: string }[] {
    const children: { name: ByteString; node: number; type: string }[] = [];
    for (let from = 0; from < content.length; from += 512) children.push(...blockEntries(content.slice(from, from + 512)));
    const names = children.map(({ name }) => name);
    if (names.join("/") !== [...new Set(names)].toSorted().join("/")) throw new Error("names do not rise");
    const dots = children.filter(({ name }) => name === "." || name === "..").map(({ node }) => node);
    if (dots.join() !== [expected.node, expected.above].join()) throw new Error("wrong dots");
    return children.filter(({ name }) => name !== "." && name !== "..");
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
}

function blockEntries(block: ByteString): { name: ByteString; node: number; type: string }[] {
  const bytes = Uint8Array.from(block, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const count = view.getUint16(8, true) / 12;
  return Array.from({ length: count }, (_, index) => {
    const from = view.getUint16(index * 12 + 8, true);
    const end = index + 1 < count ? view.getUint16((index + 1) * 12 + 8, true) : block.length;
    const type = entryTypes[view.getUint8(index * 12 + 10) as keyof typeof entryTypes];
    return { name: block.slice(from, end).replace(/\0+$/, ""), node: Number(view.getBigUint64(index * 12, true)), type };
  });
}

/** Everything in the image, by path; the image's root is "". @throws when the kernel could not read it */
export function readSealed(index: Uint8Array, archive: Uint8Array): ReadonlyMap<ByteString, SealedEntry> {
  return new SealedImage(index, archive).walk();
}
