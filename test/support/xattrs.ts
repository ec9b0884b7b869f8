import { rooted } from "#linux";
import { closeSync, constants, lstatSync, openSync } from "node:fs";

/** All extended attributes of a file or folder, one character a byte; none for links and devices, which cannot be opened. */
export function xattrsOf(path: string): Readonly<Record<string, string>> {
  const status = lstatSync(path);
  if (!status.isFile() && !status.isDirectory()) return {};
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const list = new Uint8Array(65_536);
    const names = text(list, rooted.must(rooted.listXattrs(fd, list), "flistxattr", path)).split("\0");
    return Object.fromEntries(names.slice(0, -1).map((name) => [name, valueOf(fd, name)]));
  } finally {
    closeSync(fd);
  }
}

function valueOf(fd: number, name: string): string {
  const value = new Uint8Array(65_536);
  return text(value, rooted.must(rooted.getXattr(fd, name, value), "fgetxattr", name));
}

function text(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}
