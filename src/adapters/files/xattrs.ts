import { fault } from "#base";
import { byteString, bytesOf, type ByteString, quoteBytes } from "#image";
import { rooted } from "#linux";

/** What an overlay or the host's own policy keeps there, and what would be obeyed elsewhere. */
const foreign = ["trusted.overlay.", "user.overlay.", "security.selinux"];
const none: ReadonlyMap<ByteString, ByteString> = new Map();
const names = new Uint8Array(64 * 1024);
const value = new Uint8Array(64 * 1024);
const EPERM = -1;
const EOPNOTSUPP = -95;

/** The extended attributes of an open file or directory (not O_PATH). */
export function readXattrs(fd: number): ReadonlyMap<ByteString, ByteString> {
  return collect(rooted.listXattrs(fd, names), (key) => rooted.getXattr(fd, key, value));
}

/** Those of a name in an open directory, of a link itself. */
export function readXattrsIn(folder: number, name: ByteString): ReadonlyMap<ByteString, ByteString> {
  return collect(rooted.listXattrsIn(folder, name, names), (key) => rooted.getXattrIn(folder, name, { name: key, value }));
}

function collect(length: number, read: (key: ByteString) => number): ReadonlyMap<ByteString, ByteString> {
  if (length <= 0) return none;
  const found = new Map<ByteString, ByteString>();
  for (const key of byteString(names, 0, length - 1).split("\0")) {
    if (isForeign(key)) continue;
    const size = read(key);
    if (size >= 0) found.set(key, byteString(value, 0, size));
  }
  return found;
}

/**
 * Gives what is open, or a name in an open directory, the attributes of an entry. A file system that has none loses them in silence, as
 * with Docker, but for capabilities: that would be a program that fails later. @throws unsupported, KernelError
 */
export function writeXattrs(xattrs: ReadonlyMap<ByteString, ByteString>, set: (name: ByteString, value: Uint8Array) => number): void {
  for (const [name, text] of xattrs) {
    if (isForeign(name)) continue;
    const result = set(name, bytesOf(text));
    if (result === EOPNOTSUPP && name === "security.capability") throw fault("unsupported", "the file system cannot keep capabilities");
    if (result === EOPNOTSUPP || (result === EPERM && name.startsWith("user."))) continue;
    if (result < 0) rooted.must(result, "setxattr", quoteBytes(name));
  }
}

function isForeign(name: ByteString): boolean {
  return foreign.some((prefix) => name.startsWith(prefix));
}
