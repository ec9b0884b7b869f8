// Where a path leads in a root that somebody else has filled, without going there: links are read and walked as its own processes would.
import { constants } from "node:fs";
import { closeFd, isLink, O_PATH, openAt, readLink, statusAt, withFd } from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { openRoot, type RootName } from "./read-in-root.ts";

const ELOOP = 40;

interface Step {
  readonly name: string;
  /** Absent for what is not there. */
  readonly fd?: number;
}

/** Absolute paths without links on them; what is not there yet stays as it was written. @throws KernelError ELOOP */
export function resolveInRoot(root: RootName, paths: readonly string[]): readonly string[] {
  return withFd(openRoot(root), (top) => paths.map((path) => resolveOne(top, path)));
}

function resolveOne(top: number, path: string): string {
  const stack: Step[] = [];
  const leave = (steps: readonly Step[]): void => {
    for (const { fd } of steps) if (fd !== undefined) closeFd(fd);
  };
  try {
    const pending = path.split("/").toReversed();
    let links = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === "" || name === ".") continue;
      if (name === "..") {
        leave(stack.splice(-1));
        continue;
      }
      const step = look(stack.length === 0 ? top : stack.at(-1)?.fd, name);
      const target = step.fd === undefined || !isLink(statusAt(step.fd, "").mode) ? undefined : withFd(step.fd, readLink);
      if (target === undefined) {
        stack.push(step);
        continue;
      }
      links += 1;
      if (links > 40) throw new KernelError("open", ELOOP, path);
      const text = new TextDecoder().decode(target);
      if (text.startsWith("/")) leave(stack.splice(0));
      pending.push(...text.split("/").toReversed());
    }
    return `/${stack.map(({ name }) => name).join("/")}`;
  } finally {
    leave(stack);
  }
}

function look(parent: number | undefined, name: string): Step {
  if (parent === undefined) return { name };
  try {
    return { name, fd: openAt(parent, name, O_PATH | constants.O_NOFOLLOW) };
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return { name };
    throw error;
  }
}
