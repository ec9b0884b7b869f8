// mkdir -p inside a root that somebody else fills. The path is walked one component at a time with descriptors that never
// follow a link; links are read and walked by the same rules, and ".." goes back on our own stack, so no race leads out.
import { constants } from "node:fs";
import { closeFd, isFolder, isLink, makeFolderAt, O_PATH, openAt, readLink, setAttributes, statusAt, withFd } from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { openRoot, type RootName } from "./read-in-root.ts";

const ENOTDIR = 20;
const ELOOP = 40;
const EACCES = 13;

/** Links of a process to what it has open: one that leads out of the container would be its working directory. */
const processLinks = new Set(["fd", "cwd", "root", "exe", "ns", "map_files", "fdinfo"]);

interface Step {
  readonly name: string;
  readonly fd: number;
}

/**
 * Makes the directory and those above it that are missing, mode 0755, owned by `owner`. Below /proc nothing is made, since a container
 * has its own there. @throws KernelError ENOTDIR (something else is there), EACCES (a process's link to its open files), ELOOP
 */
export function makeFolderInRoot(root: RootName, path: string, owner: { readonly uid: number; readonly gid: number }): void {
  withFd(openRoot(root), (rootFd) => {
    const stack: Step[] = [];
    try {
      walk({ rootFd, stack, path, owner });
    } finally {
      for (const step of stack) closeFd(step.fd);
    }
  });
}

interface Walk {
  readonly rootFd: number;
  readonly stack: Step[];
  readonly path: string;
  readonly owner: { readonly uid: number; readonly gid: number };
}

function walk({ rootFd, stack, path, owner }: Walk): void {
  const pending = path.split("/").toReversed();
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      const left = stack.pop();
      if (left !== undefined) closeFd(left.fd);
      continue;
    }
    if (stack.length === 1 && stack[0]?.name === "proc") return checkBelowProc([...pending, name], path);
    const parent = stack.at(-1)?.fd ?? rootFd;
    const fd = openOrMake(parent, name, owner);
    const { mode } = statusAt(fd, "");
    if (isFolder(mode)) {
      stack.push({ name, fd });
      continue;
    }
    const target = withFd(fd, () => (isLink(mode) ? new TextDecoder().decode(readLink(fd)) : undefined));
    if (target === undefined) throw new KernelError("mkdir", ENOTDIR, path);
    links += 1;
    if (links > 40) throw new KernelError("mkdir", ELOOP, path);
    if (target.startsWith("/")) for (const step of stack.splice(0)) closeFd(step.fd);
    pending.push(...target.split("/").toReversed());
  }
}

function checkBelowProc(rest: readonly string[], path: string): void {
  if (rest.some((name) => processLinks.has(name) || name === "..")) throw new KernelError("mkdir", EACCES, path);
}

function openOrMake(parent: number, name: string, owner: { readonly uid: number; readonly gid: number }): number {
  try {
    return openAt(parent, name, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  makeFolderAt(parent, name, 0o755);
  const fd = openAt(parent, name, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  setAttributes(fd, { ...statusAt(fd, ""), mode: 0o755, uid: owner.uid, gid: owner.gid });
  return fd;
}
