import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

const sticky = 0o1000;

/**
 * Why somebody other than root could change what a path leads to; undefined where nobody could. Looks at every folder above it too: who may
 * write one may put something else there. In a sticky folder nobody moves what is root's.
 * @throws as node:fs does
 */
export function foreignWriter(path: string): string | undefined {
  const real = realpathSync(path);
  for (let at = real; ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    const isWritable = (mode & 0o022) !== 0 && !(at !== real && (mode & sticky) !== 0);
    if (uid !== 0 || isWritable) return `${at} must belong to root, and be writable by nobody else`;
    if (at === "/") return undefined;
  }
}
