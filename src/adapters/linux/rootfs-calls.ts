// The folders of a container and the stub layers, each as one message to a kernel worker. All paths here are the engine's own.
import { closeSync, constants, existsSync, fchmodSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { anywhere, closeFd, linkAt, makeFolderAt, openAt, setAttributes, type Status, statusAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { makeFolderInRoot } from "./make-folder-in-root.ts";
import { detachMounts } from "./mount-calls.ts";
import { mountOverlay } from "./mount-overlay.ts";
import { readInRoot } from "./read-in-root.ts";

/** Where the runtime mounts, or what it writes, before the container has a root of its own. */
const stubFolders = ["etc", "dev", "dev/pts", "dev/shm", "proc", "sys"];
const stubFiles = ["etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/console", ".dockerenv"];
const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

interface StubRequest {
  /** Where the stub layer is to be; made by one rename. */
  readonly folder: string;
  /** A folder that does not exist yet, on the same file system; gone afterwards. */
  readonly scratch: string;
  /** The image's layers, topmost first. */
  readonly lowerdirs: readonly string[];
}

/**
 * Makes the layer that lies between an image and a container's upper: empty files where the engine mounts its own, and the directories
 * around them with the attributes that the image gives them. A directory there merges with the image's, anything else of the
 * image is hidden, links above all. Idempotent. @throws KernelError
 */
function buildStubs({ folder, scratch, lowerdirs }: StubRequest): void {
  mkdirSync(join(folder, ".."), { recursive: true, mode: 0o700 });
  try {
    for (const name of ["", "tree", "empty", "merged"]) mkdirSync(join(scratch, name), { mode: 0o755 });
    const seen = imageAttributes(scratch, lowerdirs);
    makeStubs(join(scratch, "tree"), seen);
    renameSync(join(scratch, "tree"), folder);
  } catch (error) {
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function makeStubs(tree: string, attributes: ReadonlyMap<string, Status>): void {
  withFd(openAt(anywhere, tree, openFlags), (root) => {
    for (const path of stubFolders) makeFolderAt(root, path, 0o755);
    for (const path of stubFiles) {
      // The mode again, since the process's umask is anybody's.
      withFd(openAt(root, path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o755), (fd) => fchmodSync(fd, 0o755));
    }
    linkAt(root, "etc/mtab", "/proc/mounts");
    for (const path of [...stubFolders.toReversed(), "."]) {
      withFd(openAt(root, path, openFlags), (fd) => setAttributes(fd, attributes.get(path) ?? { ...statusAt(fd, ""), mode: 0o755 }));
    }
  });
}

/** What the merged image says of the directories, read through a mount, since whiteouts and opaque directories count. */
function imageAttributes(scratch: string, lowerdirs: readonly string[]): ReadonlyMap<string, Status> {
  const merged = join(scratch, "merged");
  const seen = new Map<string, Status>();
  // Without an upper, overlayfs wants two lowerdirs.
  mountOverlay({ lowerdirs: [...lowerdirs, join(scratch, "empty"), join(scratch, "tree")], target: merged, volatile: false });
  try {
    withFd(openAt(anywhere, merged, openFlags), (root) => {
      for (const path of [...stubFolders.toReversed(), "."]) {
        const status = folderStatus(root, path);
        if (status !== undefined) seen.set(path, status);
      }
    });
  } finally {
    detachMounts(merged);
  }
  return seen;
}

function folderStatus(root: number, path: string): Status | undefined {
  let folder = root;
  const opened: number[] = [];
  try {
    for (const name of path.split("/")) {
      folder = openAt(folder, name, openFlags);
      opened.push(folder);
    }
    return statusAt(folder, "");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  } finally {
    for (const fd of opened) closeFd(fd);
  }
}

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

/** Mounts a container's root at folder/rootfs and gives that path. What an earlier daemon left mounted there is detached first. @throws KernelError */
function mountRootfs(folder: string, lowerdirs: readonly string[], volatile: boolean): string {
  const target = join(folder, "rootfs");
  const workdir = join(folder, "work");
  detachMounts(target);
  // The kernel refuses a work directory that a volatile mount has used, until this mark is gone (overlayfs.rst, "Volatile mount").
  rmSync(join(workdir, "work", "incompat"), { recursive: true, force: true });
  mountOverlay({ lowerdirs, upper: { upperdir: join(folder, "upper"), workdir }, target, volatile });
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
