// The layer between an image and a container's upper. It holds empty files where the engine mounts its own and the directories around
// them, so that no link of an image stands where a runtime mounts; and each directory that a layer's archive only implied, with the
// attributes that the layers below give it. A directory here merges with the image's, anything else of the image is hidden.
import { constants, fchmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { anywhere, closeFd, linkAt, makeFolderAt, openAt, setAttributes, statusAt, withFd } from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { copyXattrs } from "./copy-tree.ts";
import { getXattr, makeFolderIn, must, openIn } from "./rooted-calls.ts";

export interface StubRequest {
  /** Where the stub layer is to be, as folder/tree; made by one rename. */
  readonly folder: string;
  /** What is written to folder/chain: for whom it is. */
  readonly chain: string;
  /** A folder that does not exist yet, on the same file system; gone afterwards. */
  readonly scratch: string;
  /** The image's layers, topmost first; implied folders as paths of one character a byte. */
  readonly layers: readonly { readonly lowerdir: string; readonly implied: readonly string[] }[];
}

interface OpenLayer {
  readonly root: number;
  readonly implied: ReadonlySet<string>;
}

/** Where the runtime mounts, or what it writes, before the container has a root of its own; the names and kinds are Docker's. */
const stubFolders = ["etc", "dev", "dev/pts", "dev/shm", "proc", "sys"];
const stubFiles = ["etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/console", ".dockerenv"];
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const errno = { ENOENT: 2, EEXIST: 17, ENOTDIR: 20, ELOOP: 40 } as const;

/** Makes a stub layer; idempotent. @throws KernelError */
export function buildStubs({ folder, scratch, chain, layers }: StubRequest): void {
  const tree = join(scratch, "tree");
  mkdirSync(join(folder, ".."), { recursive: true, mode: 0o700 });
  const opened: OpenLayer[] = [];
  try {
    mkdirSync(tree, { recursive: true, mode: 0o700 });
    for (const { lowerdir, implied } of layers) opened.push({ root: openAt(anywhere, lowerdir, folderFlags), implied: new Set(implied) });
    withFd(openAt(anywhere, tree, folderFlags), (root) => fillStubs(root, opened));
    writeFileSync(join(scratch, "chain"), chain, { mode: 0o600 });
    renameSync(scratch, folder);
  } catch (error) {
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
  } finally {
    for (const { root } of opened) closeFd(root);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function fillStubs(root: number, layers: readonly OpenLayer[]): void {
  for (const path of stubFolders) makeFolderAt(root, path, 0o755);
  for (const path of stubFiles) {
    // The mode again, since the process's umask is anybody's.
    withFd(openAt(root, path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o755), (fd) => fchmodSync(fd, 0o755));
  }
  linkAt(root, "etc/mtab", "/proc/mounts");
  const made = new Set(["", ...stubFolders]);
  // Below the lowest layer nothing could describe a folder better.
  for (const path of new Set(layers.slice(0, -1).flatMap(({ implied }) => [...implied]))) {
    const found = describedFolder(layers, path);
    if (found === undefined) continue;
    closeFd(found.fd);
    if (found.impliedAbove) makeFolders(root, path, made);
  }
  for (const path of made) withFd(openBelow(root, path), (fd) => copyAttributes(fd, describedFolder(layers, path)?.fd));
}

/** The folder that decides the attributes of `path` in the merged tree; the caller closes it. Undefined: none, or it is no folder there. */
function describedFolder(layers: readonly OpenLayer[], path: string): { readonly fd: number; readonly impliedAbove: boolean } | undefined {
  let impliedAbove = false;
  for (const { root, implied } of layers) {
    const { result, isOpaque } = descend(root, path);
    if (result === -errno.ENOTDIR || result === -errno.ELOOP) return undefined;
    if (result !== -errno.ENOENT) {
      must(result, "openat", path);
      if (!implied.has(path)) return { fd: result, impliedAbove };
      impliedAbove = true;
      closeFd(result);
    }
    if (isOpaque) return undefined;
  }
  return undefined;
}

/** Opens the folder in one layer: a descriptor or -errno, and whether the layer hides those below it on the way. */
function descend(root: number, path: string): { readonly result: number; readonly isOpaque: boolean } {
  let folder = openIn(root, ".", folderFlags);
  let isOpaque = false;
  for (const name of componentsOf(path)) {
    // Only on the way: an opaque folder hides what is in it, not what the layers below say of itself.
    isOpaque ||= isMarkedOpaque(folder);
    const next = openIn(folder, name, folderFlags);
    closeFd(folder);
    folder = next;
    if (folder < 0) break;
  }
  return { result: folder, isOpaque };
}

function componentsOf(path: string): readonly string[] {
  const names = path === "" ? [] : path.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) throw new KernelError("path", 22, JSON.stringify(path));
  return names;
}

function isMarkedOpaque(fd: number): boolean {
  const value = new Uint8Array(1);
  return getXattr(fd, "trusted.overlay.opaque", value) === 1 && value[0] === 0x79;
}

/** Makes the folder and those above it, and notes them. One that lies below a stub file is not wanted: the stub hides it. */
function makeFolders(root: number, path: string, made: Set<string>): void {
  let seen = "";
  for (const name of componentsOf(path)) {
    const parent = openBelow(root, seen);
    seen = seen === "" ? name : `${seen}/${name}`;
    const result = withFd(parent, (fd) => makeFolderIn(fd, name, 0o755));
    if (result !== -errno.EEXIST) must(result, "mkdirat", seen);
    const { result: folder } = descend(root, seen);
    if (folder === -errno.ENOTDIR || folder === -errno.ELOOP) return;
    closeFd(must(folder, "openat", seen));
    made.add(seen);
  }
}

function openBelow(root: number, path: string): number {
  return must(descend(root, path).result, "openat", path);
}

/** Gives a folder the attributes of `source` and closes that; without one it is root's, 0755. */
function copyAttributes(fd: number, source: number | undefined): void {
  if (source === undefined) {
    setAttributes(fd, { ...statusAt(fd, ""), mode: 0o755 });
    return;
  }
  withFd(source, () => {
    copyXattrs(source, fd);
    setAttributes(fd, statusAt(source, ""));
  });
}
