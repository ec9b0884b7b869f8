// Paths of a container from one pinned descriptor of its root (openat2(2) with RESOLVE_IN_ROOT): a link leads where the container's own
// processes would get, and no rename of theirs leads out, since the kernel resolves the whole path in one call.
import { fault } from "#base";
import type { PathStatus } from "#container";
import { byteStringOfText, bytesOf, type ByteString, quoteBytes } from "#image";
import { rooted, type RootedStatus } from "#linux";
import { constants } from "node:fs";

const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_IN_ROOT = 0x10;
const O_PATH = 0o10000000;
const ENOENT = -2;
const ENOTDIR = -20;
const ENAMETOOLONG = -36;
const ELOOP = -40;
const maxLinks = 255;

/** What the kernel makes up as it is read: proc, sysfs, cgroup, cgroup2, devpts, mqueue, securityfs, debugfs, tracefs (statfs(2)). */
const madeUp = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x19800202, 0x73636673, 0x64626720, 0x74726163]);

/** Opens a path for looking at it; a result below zero is -errno. */
export function openPath(root: number, path: ByteString, flags: number): number {
  return rooted.openPath(root, path, { flags: O_PATH | flags, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS });
}

/** A name in an open directory, itself even if it is a link. A result below zero is -errno. */
export function openName(folder: number, name: ByteString): number {
  return rooted.open(folder, name, O_PATH | constants.O_NOFOLLOW);
}

/** Whether it lies in what only the kernel says: nothing there is a file that could be kept. */
export function isMadeUp(fd: number): boolean {
  return madeUp.has(rooted.fileSystemOf(fd).type);
}

/** An O_PATH descriptor of what is at the path, of a link itself. @throws not-found, invalid or internal with the words of lstat */
export function openAtPath(root: number, path: string): number {
  return checked(openPath(root, byteStringOfText(path), constants.O_NOFOLLOW), path);
}

/** The same of what a link leads to. */
export function openBehindPath(root: number, path: string): number {
  return checked(openPath(root, byteStringOfText(path), 0), path);
}

function checked(fd: number, path: string): number {
  if (fd === ENOENT) throw missing(path);
  if (fd === ENOTDIR) throw fault("internal", `lstat ${path}: not a directory`);
  if (fd === ELOOP) throw fault("internal", `lstat ${path}: too many levels of symbolic links`);
  if (fd === ENAMETOOLONG) throw fault("invalid", `lstat ${path.slice(0, 64)}...: file name too long`);
  rooted.must(fd, "openat2", path);
  if (!isMadeUp(fd) || isFolder(statusOf(fd))) return fd;
  rooted.close(fd);
  throw missing(path);
}

/** The status of what is open. */
export function statusOf(fd: number): RootedStatus {
  const status = rooted.status(fd, "");
  if (status === undefined) throw fault("internal", `descriptor ${fd} has no status`);
  return status;
}

/** What a client is told of an open path. */
export function describe(root: number, fd: number, path: string): PathStatus {
  const { size, mode, mtime } = statusOf(fd);
  return { name: baseName(path), size, mode, mtime, linkTarget: isLink(mode) ? followLinks(root, byteStringOfText(path)) : "" };
}

export function isFolder({ mode }: { readonly mode: number }): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFDIR;
}

function isLink(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFLNK;
}

/** The last component as Go's path.Base has it: "." stays, the root is "/". */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

function missing(path: string): Error {
  return fault("not-found", path);
}

/** Where a path leads with all links followed; what is not there stays as it is written. For telling only: nothing is opened by it. */
function followLinks(root: number, path: ByteString): string {
  const pending = path.split("/").toReversed();
  const done: ByteString[] = [];
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const target = linkAt(root, [...done, name].join("/"));
    if (target === undefined) {
      done.push(name);
      continue;
    }
    links += 1;
    if (links > maxLinks) throw fault("invalid", `${quoteBytes(path)}: too many links`);
    if (target.startsWith("/")) done.length = 0;
    pending.push(...target.split("/").toReversed());
  }
  return new TextDecoder().decode(bytesOf(`/${done.join("/")}`));
}

function linkAt(root: number, path: ByteString): ByteString | undefined {
  const fd = openPath(root, path, constants.O_NOFOLLOW);
  if (fd < 0) return undefined;
  try {
    return isLink(statusOf(fd).mode) ? rooted.readLink(fd, "") : undefined;
  } finally {
    rooted.close(fd);
  }
}
