import { fault } from "#base";
import { type ByteString, quoteBytes } from "#image";
import { rooted } from "#linux";
import { constants } from "node:fs";
import { isFolder } from "./walk-path.ts";

const RESOLVE_NO_XDEV = 0x01;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const ENOENT = -2;
const EXDEV = -18;
const maxDepth = 1000;

/** Removes a directory with all in it, but nothing of what is mounted there. @throws conflict where something is mounted; KernelError */
export function removeWhole(folder: number, name: ByteString, depth = 0): void {
  const options = { flags: folderFlags, resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
  const fd = rooted.openPath(folder, name, options);
  if (fd === ENOENT) return;
  if (fd === EXDEV) throw fault("conflict", `${quoteBytes(name)} is a mount point and cannot be replaced`);
  rooted.must(fd, "openat2", quoteBytes(name));
  try {
    if (depth > maxDepth) throw fault("invalid", `${quoteBytes(name)}: too deep to be replaced`);
    for (const child of rooted.names(fd)) {
      const status = rooted.status(fd, child);
      if (status === undefined) continue;
      if (isFolder(status)) removeWhole(fd, child, depth + 1);
      else rooted.must(rooted.remove(fd, child), "unlinkat", quoteBytes(child));
    }
  } finally {
    rooted.close(fd);
  }
  rooted.must(rooted.removeFolder(folder, name), "unlinkat", quoteBytes(name));
}
