// The folders of a container and the stub layers, each as one message to a kernel worker. All paths here are the engine's own.
import { closeSync, constants, existsSync, fchmodSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { anywhere, openAt, setAttributes, statusAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { makeFolderInRoot } from "./make-folder-in-root.ts";
import { mountMappedOverlay, type OwnerMap } from "./mapped-mounts.ts";
import { detachMounts } from "./mount-calls.ts";
import { mountOverlay } from "./mount-overlay.ts";
import { readInRoot } from "./read-in-root.ts";
import { buildStubs } from "./stub-layer.ts";

const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Makes a container's folder with upper, work and the mount point; idempotent. False, and nothing made, when the stub layer is missing. */
function createRootfs(folder: string, stubs: string): boolean {
  if (!existsSync(stubs)) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of ["work", "rootfs", "upper"]) {
    try {
      mkdirSync(join(folder, name), { mode: 0o700 });
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
  // The root of an overlay shows the attributes of its upper.
  withFd(openAt(anywhere, join(folder, "upper"), openFlags), (fd) => setAttributes(fd, statusAt(anywhere, stubs)));
  return true;
}

interface RootfsMount {
  /** Topmost first. */
  readonly layers: readonly string[];
  readonly volatile: boolean;
  /** With it the root is mounted in its place instead, its files with other owners. */
  readonly owners?: OwnerMap;
}

/**
 * Mounts a container's root at folder/rootfs and gives that path. What an earlier daemon left mounted there is detached first. Undefined, and
 * nothing done, when the stub layer is missing. @throws KernelError
 */
function mountRootfs(folder: string, stubs: string, { layers, volatile, owners }: RootfsMount): string | undefined {
  if (!existsSync(stubs)) return undefined;
  const target = join(folder, "rootfs");
  const workdir = join(folder, "work");
  detachMounts(target);
  // The kernel refuses a work directory that a volatile mount has used, until this mark is gone (overlayfs.rst, "Volatile mount").
  rmSync(join(workdir, "work", "incompat"), { recursive: true, force: true });
  const overlay = { lowerdirs: [stubs, ...layers], upper: { upperdir: join(folder, "upper"), workdir }, volatile };
  if (owners !== undefined) return mountMappedOverlay(overlay, owners);
  mountOverlay({ ...overlay, target });
  return target;
}

/** Replaces folder/name by one rename, so that a reader sees the old bytes or the new ones; gives the path. */
function writeFileWhole(folder: string, name: string, bytes: Uint8Array, mode: number): string {
  const path = join(folder, name);
  const fresh = join(folder, `.${name}.new`);
  const fd = openSync(fresh, "w", 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
  return path;
}

/** Names of the directories in a folder; none when it is not there. */
function listFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

export const rootfsCalls = {
  buildStubs,
  createRootfs,
  mountRootfs,
  writeFileWhole,
  listFolders,
  readInRoot,
  makeFolderInRoot,
};
