import { fault } from "#base";
import type { HostSpec } from "./spec.ts";

/** No group has a longer path in the kernel (PATH_MAX, with room for the hierarchy and the id). */
const longest = 3_900;

/** The longest name of one folder (NAME_MAX). */
const longestName = 255;

/**
 * Where a container's control group is, below the root of each hierarchy: in the parent that it asks for, else in the daemon's own. Like
 * Docker's, a parent is taken from the root whether it begins with a slash or not, and ".." leads no further up than that.
 */
export function cgroupPathOf(id: string, { cgroupParent = "" }: Pick<HostSpec, "cgroupParent">, usual: string): string {
  const names = cgroupNames(cgroupParent);
  return names.length === 0 ? `${usual}/c/${id}` : `/${names.join("/")}/${id}`;
}

/** @throws invalid for what can be no folder among control groups */
export function checkCgroupParent(parent: string): void {
  const refuse = (reason: string): Error => fault("invalid", `invalid cgroup parent ${JSON.stringify(parent.slice(0, 64))}: ${reason}`);
  if (parent.length > longest) throw refuse("it is too long");
  if (/[\0-\x1f]/.test(parent)) throw refuse("it has control characters");
  for (const name of cgroupNames(parent)) if (new TextEncoder().encode(name).length > longestName) throw refuse("a name in it is too long");
}

function cgroupNames(parent: string): readonly string[] {
  const names: string[] = [];
  for (const name of parent.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}
