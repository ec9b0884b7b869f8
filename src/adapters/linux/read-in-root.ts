import { constants } from "node:fs";
import { anywhere, closeFd, isRegular, O_PATH, openAt, openRooted, resolve, statusAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

/** A directory that stands for "/": a tree on the host, or what a live process sees. */
export type RootName = { readonly path: string } | { readonly pid: number };

/** What is at a path in a root. `refused` says why it was not read. */
export type FileInRoot =
  | { readonly type: "missing" }
  | { readonly type: "refused"; readonly reason: "not a regular file" | "too large" | "too many links" }
  | { readonly type: "read"; readonly bytes: Uint8Array };

/** An O_PATH descriptor of the root. @throws KernelError */
export function openRoot(root: RootName): number {
  const path = "path" in root ? root.path : `/proc/${root.pid}/root`;
  return openAt(anywhere, path, O_PATH | constants.O_DIRECTORY);
}

/**
 * Reads files of a root that somebody else fills. Links are followed as the root's own processes would; nothing but a regular file is
 * opened (opening a device or a FIFO has effects), and at most `limit` bytes are taken. @throws KernelError
 */
export function readInRoot(root: RootName, paths: readonly string[], limit: number): readonly FileInRoot[] {
  return withFd(openRoot(root), (rootFd) => paths.map((path) => readOne(rootFd, path, limit)));
}

function readOne(rootFd: number, path: string, limit: number): FileInRoot {
  let place: number;
  try {
    place = openRooted(rootFd, path, { flags: O_PATH, resolve: resolve.inRoot | resolve.noMagicLinks });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return { type: "missing" };
    if (hasCode(error, "ELOOP")) return { type: "refused", reason: "too many links" };
    throw error;
  }
  return withFd(place, () => {
    const { mode, size } = statusAt(place, "");
    if (!isRegular(mode)) return { type: "refused", reason: "not a regular file" };
    if (size > limit) return { type: "refused", reason: "too large" };
    // The descriptor's own link reaches the same inode, whatever the path means by now.
    return readAll(openAt(anywhere, `/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK), size, limit);
  });
}

function readAll(fd: number, size: number, limit: number): FileInRoot {
  try {
    let bytes = new Uint8Array(Math.min(size, limit) + 1);
    let length = 0;
    for (;;) {
      const count = syscall({ name: "read", number: sys.read }, fd, bytes.subarray(length), bytes.length - length);
      length += count;
      if (length > limit) return { type: "refused", reason: "too large" };
      if (count === 0) return { type: "read", bytes: bytes.slice(0, length) };
      if (length === bytes.length) {
        const larger = new Uint8Array(Math.min(length * 2, limit) + 1);
        larger.set(bytes);
        bytes = larger;
      }
    }
  } finally {
    closeFd(fd);
  }
}
