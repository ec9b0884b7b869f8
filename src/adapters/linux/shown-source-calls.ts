// What a container sees of the host or of an image that is no folder as it lies there: shown at a place of the engine's own until the runtime
// has taken its copy.
import { closeSync, constants, mkdirSync, openSync, readFileSync, realpathSync } from "node:fs";
import { anywhere, isFolder, openAt, O_PATH, openRooted, resolve, statusAt, withFd } from "./descriptor.ts";
import { detachMounts } from "./mount-calls.ts";
import { openOverlay } from "./mount-overlay.ts";
import { attachMount, type Depth, cloneMount, clonePath, makeReadOnly, mapOwners } from "./tree-mounts.ts";
import { openUserNamespace, type SeenAs } from "./user-namespace.ts";

/** Layers as one tree that nobody writes to, at `place`. @throws KernelError */
function showImage(place: string, lowerdirs: readonly string[]): void {
  detachMounts(place);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const [only] = lowerdirs;
  // An image without layers is an empty folder.
  if (only === undefined) return;
  // An overlay needs two.
  const tree = lowerdirs.length === 1 ? clonePath(only, { recursive: false }) : openOverlay({ lowerdirs, target: place, volatile: false });
  withFd(tree, () => {
    makeReadOnly(tree, { recursive: false });
    attachMount(tree, { folder: anywhere, path: place });
  });
}

/** Shows a folder or file within a tree at `place`, which is made; no link leads out of the tree. @throws KernelError */
function showWithin(tree: string, subpath: string, place: string): void {
  const rules = resolve.beneath | resolve.noMagicLinks | resolve.noXdev;
  withFd(openAt(anywhere, tree, O_PATH | constants.O_DIRECTORY), (top) =>
    withFd(openRooted(top, subpath, { flags: O_PATH, resolve: rules }), (found) => {
      makePlace(place, found);
      withFd(cloneMount(found, "", { recursive: false }), (mount) => attachMount(mount, { folder: anywhere, path: place }));
    }),
  );
}

interface Appearance extends Depth {
  readonly owners?: { readonly user: SeenAs; readonly group: SeenAs };
}

/** Shows what is at a path of the host's at `place`. @throws KernelError EINVAL where a file system there cannot show other owners */
function showSource(source: string, place: string, { recursive, owners }: Appearance): void {
  const mount = clonePath(source, { recursive });
  withFd(mount, () => {
    if (owners !== undefined) withFd(openUserNamespace(owners), (namespace) => mapOwners(mount, { recursive }, namespace));
    makePlace(place, mount);
    attachMount(mount, { folder: anywhere, path: place });
  });
}

/** A mount point of the kind of what is to be seen there. */
function makePlace(place: string, shown: number): void {
  detachMounts(place);
  if (isFolder(statusAt(shown, "").mode)) mkdirSync(place, { recursive: true, mode: 0o700 });
  else closeSync(openSync(place, "a", 0o600));
}

/** The mount that a path lies on, and how it travels (proc_pid_mountinfo(5)). @throws ENOENT */
function mountOf(path: string): { readonly path: string; readonly shared: boolean; readonly slave: boolean } {
  const real = realpathSync(path);
  let found = { path: "/", shared: false, slave: false };
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [before = ""] = line.split(" - ");
    const [, , , , point = "", , ...fields] = before.split(" ");
    const at = point.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    if (at === "" || !(at === "/" || real === at || real.startsWith(`${at}/`)) || at.length < found.path.length) continue;
    const has = (field: string): boolean => fields.some((word) => word.startsWith(`${field}:`));
    // Of several at one place the last one is seen.
    found = { path: at, shared: has("shared"), slave: has("master") };
  }
  return found;
}

export const shownSourceCalls = { showImage, showWithin, showSource, mountOf };
