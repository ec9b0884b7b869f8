// What a container has changed, by what overlayfs keeps in its upper folder: as quick as the changes are few, however large the image is.
// As Docker has it, a directory counts as changed when something in it is, and a file that was only opened for writing does not.
import type { FileChange } from "#container";
import { byteString, bytesOf, type ByteString, quoteBytes } from "#image";
import { rooted, type RootedStatus } from "#linux";
import { constants } from "node:fs";
import { isFolder, openName } from "./walk-path.ts";

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const value = new Uint8Array(4096);

/** The changes of the tree at `upper` (open for reading) over the one at `lower`, by path. */
export function changesOf(upper: number, lower: number): readonly FileChange[] {
  const found: [ByteString, FileChange["kind"]][] = [];
  compare({ upper, lower, path: "" }, found);
  return found
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, kind]) => ({ path: new TextDecoder().decode(bytesOf(path)), kind }));
}

interface Pair {
  readonly upper: number;
  /** The same directory in the image; undefined where it has none. */
  readonly lower: number | undefined;
  readonly path: ByteString;
}

type Found = [ByteString, FileChange["kind"]][];

function compare({ upper, lower, path }: Pair, found: Found): void {
  const names = rooted.names(upper);
  for (const name of names) compareName({ upper, lower, path: `${path}/${name}` }, name, found);
  if (lower === undefined || !isOpaque(upper)) return;
  const kept = new Set(names);
  for (const name of namesOf(lower)) if (!kept.has(name)) found.push([`${path}/${name}`, "deleted"]);
}

function compareName(pair: Pair, name: ByteString, found: Found): void {
  const { upper, lower, path } = pair;
  const ours = rooted.status(upper, name);
  if (ours === undefined) return;
  const theirs = lower === undefined ? undefined : rooted.status(lower, name);
  if (isWhiteout(ours)) {
    if (theirs !== undefined) found.push([path, "deleted"]);
    return;
  }
  const before = found.length;
  if (isFolder(ours)) descend(pair, name, { found, isBelow: theirs !== undefined && isFolder(theirs) });
  if (theirs === undefined) found.push([path, "added"]);
  else if (found.length > before || differs(ours, theirs) || capabilities(upper, name) !== capabilities(lower ?? upper, name))
    found.push([path, "modified"]);
}

function descend({ upper, lower, path }: Pair, name: ByteString, to: { readonly found: Found; readonly isBelow: boolean }): void {
  const opened = rooted.open(upper, name, folderFlags);
  // Gone, or another thing by now.
  if (opened < 0) return;
  const below = to.isBelow && lower !== undefined ? openName(lower, name) : -1;
  try {
    compare({ upper: opened, lower: below < 0 ? undefined : below, path }, to.found);
  } finally {
    rooted.close(opened);
    if (below >= 0) rooted.close(below);
  }
}

export function isWhiteout({ mode, device }: RootedStatus): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFCHR && device.major === 0 && device.minor === 0;
}

export function isOpaque(fd: number): boolean {
  return rooted.getXattr(fd, "trusted.overlay.opaque", value) === 1 && value[0] === 0x79;
}

/** A directory's size and time say nothing. */
function differs(ours: RootedStatus, theirs: RootedStatus): boolean {
  if (ours.mode !== theirs.mode || ours.uid !== theirs.uid || ours.gid !== theirs.gid) return true;
  if (ours.device.major !== theirs.device.major || ours.device.minor !== theirs.device.minor) return true;
  if (isFolder(ours)) return false;
  return ours.size !== theirs.size || ours.mtime.seconds !== theirs.mtime.seconds || ours.mtime.nanos !== theirs.mtime.nanos;
}

function capabilities(folder: number, name: ByteString): ByteString {
  const size = rooted.getXattrIn(folder, name, { name: "security.capability", value });
  return size > 0 ? byteString(value, 0, size) : "";
}

function namesOf(folder: number): readonly ByteString[] {
  const fd = rooted.must(rooted.open(folder, ".", folderFlags), "openat", quoteBytes("."));
  try {
    return rooted.names(fd);
  } finally {
    rooted.close(fd);
  }
}
