// Extended attributes as EROFS keeps them behind an inode (Documentation/filesystems/erofs.rst, fs/erofs/erofs_fs.h): a header of 12 bytes,
// then each name without its prefix and its value, aligned to four bytes.
import { fault } from "#base";
import { type ByteString, byteString, quoteBytes, type TarEntry } from "#image";
import { keptXattrs } from "../layer-xattrs.ts";
import { putBytes } from "./put-bytes.ts";

/** Prefixes that have a number; what begins with none of them no file system of Linux keeps either. */
const prefixes = [
  ["user.", 1],
  ["system.posix_acl_access", 2],
  ["system.posix_acl_default", 3],
  ["trusted.", 4],
  ["security.", 6],
] as const;

const headerSize = 12;
const entrySize = 4;
/** limits.h; a value's length has 16 bits here, one byte less than the kernel's XATTR_SIZE_MAX. */
const longestName = 255;
const longestValue = 65_535;
/** The inode counts what is behind the header in words, with 16 bits; some are left for our own marks. */
const largest = headerSize + 4 * 65_000;

/** An inode's attributes in their order on disk. */
export type IndexXattrs = ReadonlyMap<ByteString, ByteString>;

const none: IndexXattrs = new Map();

/** The attributes of an entry that its node can have; the rest is lost as layer-xattrs.ts loses it. @throws invalid */
export function xattrsOf(entry: TarEntry): IndexXattrs {
  if (entry.xattrs.size === 0) return none;
  const kept = new Map<ByteString, ByteString>();
  for (const [name, value] of keptXattrs(entry.xattrs)) {
    if (name === "" || name.length > longestName) throw refused(entry, name, "ERANGE");
    const prefix = prefixes.find(([text]) => name.startsWith(text))?.[0];
    if (prefix === undefined || !canHave(entry, prefix)) continue;
    if (prefix.endsWith(".") === (name === prefix)) throw refused(entry, name, "EINVAL");
    if (value.length > longestValue) throw refused(entry, name, "E2BIG");
    kept.set(name, byteString(value));
  }
  if (xattrsSize(kept) > largest) throw refused(entry, [...kept.keys()].join(" "), "E2BIG");
  return kept;
}

/** xattr(7): the user's only on files and folders; links have no access lists, and only folders hand one on. */
function canHave({ type }: TarEntry, prefix: (typeof prefixes)[number][0]): boolean {
  if (prefix === "user.") return type === "file" || type === "directory";
  if (prefix === "system.posix_acl_default") return type === "directory";
  return prefix !== "system.posix_acl_access" || type !== "symlink";
}

/** Bytes behind the inode. */
export function xattrsSize(xattrs: IndexXattrs): number {
  if (xattrs.size === 0) return 0;
  let size = headerSize;
  for (const [name, value] of xattrs) size += aligned(entrySize + split(name).rest.length + value.length);
  return size;
}

/** Writes them, sorted by nothing: the kernel looks at each. */
export function putXattrs(view: DataView, at: number, xattrs: IndexXattrs): void {
  let next = at + headerSize;
  for (const [name, value] of xattrs) {
    const { number, rest } = split(name);
    view.setUint8(next, rest.length);
    view.setUint8(next + 1, number);
    view.setUint16(next + 2, value.length, true);
    putBytes(view, next + entrySize, rest);
    putBytes(view, next + entrySize + rest.length, value);
    next += aligned(entrySize + rest.length + value.length);
  }
}

/** What the inode says of their size. */
export function xattrWords(xattrs: IndexXattrs): number {
  return xattrs.size === 0 ? 0 : (xattrsSize(xattrs) - headerSize) / 4 + 1;
}

function split(name: ByteString): { readonly number: number; readonly rest: ByteString } {
  for (const [prefix, number] of prefixes) if (name.startsWith(prefix)) return { number, rest: name.slice(prefix.length) };
  return { number: 0, rest: name };
}

function aligned(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function refused(entry: TarEntry, name: ByteString, code: string): Error {
  return fault("invalid", `setxattr ${quoteBytes(entry.name)} ${quoteBytes(name)}: ${code}`);
}
