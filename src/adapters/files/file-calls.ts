// What a thread for files is asked to do. A session is an archive on its way in or out; its id is the daemon's.
import { fault, isFault } from "#base";
import type { ExtractOptions, FileChange, PathStatus } from "#container";
import { TarDecoder } from "#image";
import { hasCode, type LayeredTree, openTree, rooted, type TreeName } from "#linux";
import { constants } from "node:fs";
import { inflateCalls } from "./inflate-calls.ts";
import { TreeArchive, type TreeOptions } from "./tree-archive.ts";
import { ownersOf } from "./tree-owners.ts";
import { TreeExtractor } from "./tree-extractor.ts";
import { changesOf } from "./upper-changes.ts";
import { baseName, describe, isFolder, openAtPath, openBehindPath, statusOf } from "./walk-path.ts";

interface Incoming {
  readonly decoder: TarDecoder;
  readonly extractor: TreeExtractor;
  readonly root: number;
}

const outgoing = new Map<number, TreeArchive>();
const incoming = new Map<number, Incoming>();
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

function inTree<Result>(tree: TreeName, use: (root: number) => Result): Result {
  const root = openTree(tree);
  try {
    return use(root);
  } finally {
    rooted.close(root);
  }
}

function pathStatus(tree: TreeName, path: string): PathStatus {
  return inTree(tree, (root) => {
    const fd = openAtPath(root, path);
    try {
      return describe(root, fd, path);
    } finally {
      rooted.close(fd);
    }
  });
}

function beginArchive(session: number, tree: TreeName, path: string): PathStatus {
  const owners = ownersOf(tree);
  return inTree(tree, (root) => {
    const fd = openAtPath(root, path);
    const status = describe(root, fd, path);
    outgoing.set(session, new TreeArchive(fd, baseName(path), { form: "tree", implied: [], owners }));
    return status;
  });
}

function beginExport(session: number, tree: LayeredTree, options: TreeOptions): void {
  outgoing.set(session, new TreeArchive(openTree(tree), undefined, options));
}

function nextPiece(session: number, size: number): Uint8Array | undefined {
  const archive = outgoing.get(session);
  if (archive === undefined) throw fault("unavailable", "the thread that read the files was written off");
  return archive.next(size);
}

/** @throws invalid for what is no directory; also where nothing may be written */
function beginExtract(session: number, tree: TreeName, path: string, options: ExtractOptions): void {
  const owners = ownersOf(tree);
  const root = openTree(tree);
  try {
    const fd = openBehindPath(root, path);
    try {
      checkTarget(root, fd);
    } finally {
      rooted.close(fd);
    }
    const extractor = new TreeExtractor(root, path, { ...options, owners });
    incoming.set(session, { extractor, decoder: new TarDecoder(extractor), root });
  } catch (error) {
    rooted.close(root);
    throw error;
  }
}

function checkTarget(root: number, fd: number): void {
  if (!isFolder(statusOf(fd))) throw fault("invalid", "extraction point is not a directory");
  if (!rooted.fileSystemOf(fd).readOnly) return;
  const isRootsOwn = statusOf(fd).on === statusOf(root).on;
  throw fault("invalid", isRootsOwn ? "container rootfs is marked read-only" : "mounted volume is marked read-only");
}

function push(session: number, bytes: Uint8Array): void {
  const taken = incoming.get(session);
  if (taken === undefined) throw fault("unavailable", "the thread that wrote the files was written off");
  during(() => taken.decoder.push(bytes));
}

/** The archive has no more bytes. @throws invalid in the middle of an entry */
function finishExtract(session: number): void {
  const taken = incoming.get(session);
  if (taken === undefined) throw fault("unavailable", "the thread that wrote the files was written off");
  during(() => {
    taken.decoder.finish();
    taken.extractor.finish();
  });
}

/** Docker answers 500 for whatever is wrong with an archive that it has begun to read. */
function during(work: () => void): void {
  try {
    work();
  } catch (error) {
    // Of a user namespace that does not have our root.
    if (hasCode(error, "EOVERFLOW"))
      throw fault("internal", "memory of a container with users of its own takes no files from outside", { cause: error });
    throw isFault(error, "invalid") ? fault("internal", error.message, { cause: error }) : error;
  }
}

/** Lets go of what a session holds; idempotent. */
function endSession(session: number): void {
  outgoing.get(session)?.[Symbol.dispose]();
  outgoing.delete(session);
  const taken = incoming.get(session);
  incoming.delete(session);
  taken?.extractor[Symbol.dispose]();
  if (taken !== undefined) rooted.close(taken.root);
}

function changes(upperdir: string, image: LayeredTree): readonly FileChange[] {
  return inTree(image, (lower) => {
    const upper = rooted.must(rooted.open(-100, upperdir, folderFlags), "openat", upperdir);
    try {
      return changesOf(upper, lower);
    } finally {
      rooted.close(upper);
    }
  });
}

export const fileCalls = {
  pathStatus,
  beginArchive,
  beginExport,
  nextPiece,
  beginExtract,
  push,
  finishExtract,
  endSession,
  changes,
  ...inflateCalls,
};

export type FileCalls = typeof fileCalls;
