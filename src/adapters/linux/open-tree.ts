// A container's tree as one descriptor to resolve paths from. Of a live one: what its first process sees, mounts and all. Of any other: an
// overlay of its layers that stands in nobody's mount table. Only where something is mounted into it, it stands at `place` while that is
// done, since kernels before 6.15 mount nothing on what is nowhere; then a copy of all of it is taken and the place detached.
import { constants, mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { fault } from "#base";
import { anywhere, closeFd, isFolder, O_PATH, openAt, openRooted, resolve, statusAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { cString, syscall } from "./libc.ts";
import { makeFolderInRoot } from "./make-folder-in-root.ts";
import { detachMounts } from "./mount-calls.ts";
import { openOverlay, type OverlayMount } from "./mount-overlay.ts";
import { sys } from "./numbers.ts";
import { openRoot } from "./read-in-root.ts";
import { attachMount, clonePath, makeReadOnly } from "./tree-mounts.ts";

/** What is seen at a path of a tree: something of the host's. */
export interface TreeMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Layers on disk, and how they are to be shown. */
export interface LayeredTree {
  /** Topmost first. */
  readonly lowerdirs: readonly string[];
  /** Where what is written goes; absent: nothing can be. */
  readonly upper?: { readonly upperdir: string; readonly workdir: string };
  readonly readOnly: boolean;
  readonly mounts: readonly TreeMount[];
  /** A folder of the engine's own that may be made, used as a mount point for an instant, and removed. */
  readonly place: string;
}

/** The process must be the container's: a number may be another's by the time that it is looked at. */
export interface LiveTree {
  readonly pid: number;
  readonly id: string;
}

export type TreeName = LiveTree | LayeredTree;

const MS_PRIVATE = 1n << 18n;

/** An O_PATH descriptor of the tree's root. @throws KernelError */
export function openTree(tree: TreeName): number {
  if ("pid" in tree) return openLive(tree);
  const [only] = tree.lowerdirs;
  if (tree.lowerdirs.length === 1 && tree.upper === undefined && only !== undefined) {
    return openAt(anywhere, only, O_PATH | constants.O_DIRECTORY);
  }
  // As in rootfs-calls.ts: an earlier volatile mount has left its mark.
  if (tree.upper !== undefined) rmSync(`${tree.upper.workdir}/work/incompat`, { recursive: true, force: true });
  if (tree.mounts.length === 0) return sealed(openOverlay(overlayOf(tree)), tree);
  mkdirSync(tree.place, { recursive: true, mode: 0o700 });
  try {
    // What a daemon left there that was killed at this very moment.
    detachMounts(tree.place);
    return withFd(openOverlay(overlayOf(tree)), (overlay) => composed(overlay, tree));
  } finally {
    rmdirSync(tree.place);
  }
}

/** The control group is asked behind the root: a process that is the container's then was it before, too. */
function openLive({ pid, id }: LiveTree): number {
  let root = -1;
  try {
    root = openRoot({ pid });
    if (readFileSync(`/proc/${pid}/cgroup`, "latin1").includes(`/${id}`)) return root;
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ESRCH")) throw error;
  }
  if (root >= 0) closeFd(root);
  throw fault("unavailable", "the container's process has just ended");
}

/** Volatile, since the end of any other mount with an upper syncs the whole file system below it: half a second on a busy disk. */
function overlayOf(tree: LayeredTree): OverlayMount {
  return { ...tree, target: tree.place, volatile: true };
}

function sealed(overlay: number, { readOnly, upper }: LayeredTree): number {
  if (readOnly && upper !== undefined) makeReadOnly(overlay, { recursive: false });
  return overlay;
}

/** The overlay with what is mounted into it. */
function composed(overlay: number, { mounts, place, readOnly }: LayeredTree): number {
  const sources: number[] = [];
  try {
    // First all that may hang, while nothing stands anywhere.
    for (const mount of mounts) sources.push(cloneOf(mount));
    attachMount(overlay, { folder: anywhere, path: place });
    syscall({ name: "mount", number: sys.mount, subject: place }, 0, cString(place), 0, MS_PRIVATE, 0);
    for (const [index, mount] of mounts.entries()) attach(sources[index] ?? -1, mount, place);
    if (readOnly) makeReadOnly(overlay, { recursive: false });
    return clonePath(place, { recursive: true });
  } finally {
    for (const fd of sources) closeFd(fd);
    detachMounts(place);
  }
}

function cloneOf({ source, readOnly }: TreeMount): number {
  const fd = clonePath(source, { recursive: true });
  if (readOnly) makeReadOnly(fd, { recursive: true });
  return fd;
}

/** On a pinned descriptor: whatever the path means by the time of the mount, it is the place that was looked at (row B04). */
function attach(source: number, { target }: TreeMount, place: string): void {
  const root = openAt(anywhere, place, O_PATH | constants.O_DIRECTORY);
  withFd(root, () => {
    const isSourceFolder = isFolder(statusAt(source, "").mode);
    const point = openPoint(root, target, () => {
      if (isSourceFolder) makeFolderInRoot({ path: place }, target, { uid: 0, gid: 0 });
      else makeFileInRoot(root, place, target);
    });
    withFd(point, () => attachMount(source, { folder: point, path: "" }));
  });
}

function openPoint(root: number, target: string, make: () => void): number {
  const options = { flags: O_PATH, resolve: resolve.inRoot | resolve.noMagicLinks };
  try {
    return openRooted(root, target, options);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  make();
  return openRooted(root, target, options);
}

function makeFileInRoot(root: number, place: string, target: string): void {
  const slash = target.lastIndexOf("/");
  const parent = target.slice(0, slash) || "/";
  makeFolderInRoot({ path: place }, parent, { uid: 0, gid: 0 });
  const options = { flags: O_PATH | constants.O_DIRECTORY, resolve: resolve.inRoot | resolve.noMagicLinks };
  withFd(openRooted(root, parent, options), (folder) => {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
    closeFd(openAt(folder, target.slice(slash + 1), flags, 0o755));
  });
}
