// Compares two trees on disk in everything that a process in a container could see of them: names, types, modes, owners, times, devices, links,
// extended attributes, bytes. Names are bytes; each folder is opened by its path from the root without following anything.
import { constants } from "node:fs";
import { messageOf } from "#base";
import { type ByteString, quoteBytes } from "#image";
import { hasCode, rooted, type RootedStatus } from "#linux";
import { unreadable } from "./blob-difference.ts";
import { joinPath } from "./layer-tree.ts";

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const noLinks = { flags: folderFlags, resolve: 0x04 | 0x08 } as const;
const pieceSize = 1024 * 1024;

interface Side {
  readonly root: number;
  readonly folder: number;
}

/** The first thing in `tree` that is not as in `model`, as a sentence; undefined when there is none. For a store thread. */
export function treeDifference(tree: string, model: string): string | undefined {
  using right = openRoot(model);
  try {
    using left = openRoot(tree);
    return walk(left, right);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", ...unreadable)) return messageOf(error);
    throw error;
  }
}

function walk(left: OpenDescriptor, right: OpenDescriptor): string | undefined {
  const pieces = [new Uint8Array(pieceSize), new Uint8Array(pieceSize)] as const;
  const folders: ByteString[] = [""];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const found = folderDifference({ left: left.fd, right: right.fd }, path, { folders, pieces });
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Walk {
  /** Folders that are still to be looked into, by path from the root. */
  readonly folders: ByteString[];
  readonly pieces: readonly [Uint8Array, Uint8Array];
}

function folderDifference(roots: { readonly left: number; readonly right: number }, path: ByteString, walk: Walk): string | undefined {
  using left = openFolder(roots.left, path);
  using right = openFolder(roots.right, path);
  const own = statusDifference(left.fd, right.fd, "");
  if (own !== undefined) return `${shown(path)}: ${own}`;
  const names = new Set(rooted.names(left.fd));
  for (const name of rooted.names(right.fd)) {
    const at = joinPath(path, name);
    if (!names.delete(name)) return `${shown(at)}: it is gone`;
    const sides = { left: { root: roots.left, folder: left.fd }, right: { root: roots.right, folder: right.fd } };
    const found = entryDifference(sides, name, { path: at, ...walk });
    if (found !== undefined) return `${shown(at)}: ${found}`;
  }
  const [extra] = names;
  return extra === undefined ? undefined : `${shown(joinPath(path, extra))}: it is no part of the layer`;
}

function entryDifference(
  { left, right }: { readonly left: Side; readonly right: Side },
  name: ByteString,
  { path, folders, pieces }: Walk & { readonly path: ByteString },
): string | undefined {
  const mode = rooted.status(right.folder, name)?.mode ?? 0;
  const type = mode & constants.S_IFMT;
  // A folder is compared when it is opened.
  if (type === constants.S_IFDIR) {
    if (((rooted.status(left.folder, name)?.mode ?? 0) & constants.S_IFMT) !== constants.S_IFDIR) return "it is no folder";
    folders.push(path);
    return undefined;
  }
  const status = statusDifference(left.folder, right.folder, name);
  if (status !== undefined) return status;
  if (type === constants.S_IFLNK && rooted.readLink(left.folder, name) !== rooted.readLink(right.folder, name)) return "it links elsewhere";
  return type === constants.S_IFREG ? contentDifference(left.folder, right.folder, { name, pieces }) : undefined;
}

function statusDifference(left: number, right: number, name: ByteString): string | undefined {
  const [found, wanted] = [rooted.status(left, name), rooted.status(right, name)];
  if (found === undefined || wanted === undefined) return "it is gone";
  for (const [what, of] of traits) {
    const [is, shall] = [of(found), of(wanted)];
    if (is !== shall) return `its ${what} is ${is}, not ${shall}`;
  }
  return xattrsOf(left, name) === xattrsOf(right, name) ? undefined : "its extended attributes differ";
}

/** Sizes of folders are the file system's own affair, and so are their links. */
const isFolder = ({ mode }: RootedStatus): boolean => (mode & constants.S_IFMT) === constants.S_IFDIR;
const traits: readonly (readonly [string, (status: RootedStatus) => string])[] = [
  ["mode", ({ mode }) => mode.toString(8)],
  ["owner", ({ uid, gid }) => `${uid}:${gid}`],
  ["time", ({ mtime }) => `${mtime.seconds}.${mtime.nanos}`],
  ["device", ({ device }) => `${device.major}:${device.minor}`],
  ["size", (status) => (isFolder(status) ? "" : String(status.size))],
  ["number of links", (status) => (isFolder(status) ? "" : String(status.links))],
];

/** Names and values, sorted, as one text. A file system without any has none. */
function xattrsOf(folder: number, name: ByteString): string {
  const names = new Uint8Array(64 * 1024);
  const length = name === "" ? rooted.listXattrs(folder, names) : rooted.listXattrsIn(folder, name, names);
  if (length <= 0) return "";
  const value = new Uint8Array(64 * 1024);
  const text = Buffer.from(names.subarray(0, length)).toString("latin1");
  const pairs = text.split("\0").flatMap((key) => {
    if (key === "") return [];
    const size = name === "" ? rooted.getXattr(folder, key, value) : rooted.getXattrIn(folder, name, { name: key, value });
    return [`${key}=${Buffer.from(value.subarray(0, Math.max(0, size))).toString("hex")}`];
  });
  return pairs.toSorted().join("\n");
}

function contentDifference(
  left: number,
  right: number,
  { name, pieces }: { readonly name: ByteString; readonly pieces: Walk["pieces"] },
): string | undefined {
  using one = openFile(left, name);
  using other = openFile(right, name);
  for (let position = 0; ;) {
    const [got, wanted] = [readFull(one.fd, pieces[0]), readFull(other.fd, pieces[1])];
    if (got < 0) return `it cannot be read: errno ${-got}`;
    if (got !== wanted || Buffer.compare(pieces[0].subarray(0, got), pieces[1].subarray(0, wanted)) !== 0)
      return `its bytes differ behind ${position}`;
    if (wanted < pieceSize) return undefined;
    position += wanted;
  }
}

/** Fills the piece unless the file ends; below zero is -errno. */
function readFull(fd: number, piece: Uint8Array): number {
  for (let at = 0; ;) {
    const read = rooted.read(fd, piece.subarray(at));
    if (read < 0) return read;
    at += read;
    if (read === 0 || at === piece.length) return at;
  }
}

interface OpenDescriptor extends Disposable {
  readonly fd: number;
}

function openRoot(path: string): OpenDescriptor {
  return held(rooted.must(rooted.openPath(-100, path, { flags: folderFlags, resolve: 0 }), "openat2", path));
}

function openFolder(root: number, path: ByteString): OpenDescriptor {
  return held(rooted.must(rooted.openPath(root, path, noLinks), "openat2", quoteBytes(path)));
}

function openFile(folder: number, name: ByteString): OpenDescriptor {
  return held(rooted.must(rooted.open(folder, name, fileFlags), "openat", quoteBytes(name)));
}

function held(fd: number): OpenDescriptor {
  return { fd, [Symbol.dispose]: () => void rooted.close(fd) };
}

function shown(path: ByteString): string {
  return path === "" ? "/" : quoteBytes(path);
}
