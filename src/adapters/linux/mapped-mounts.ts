// Files seen with other owners (mount_setattr(2), MOUNT_ATTR_IDMAP): on disk everything is as in an image, 0 is root; a container with a user
// namespace sees it through mounts that map the numbers. They stand in a place that its root may reach, since a runtime looks for its sources
// when it has that root's rights only; a created container keeps its own copies.
import { chownSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Owner } from "#base";
import { anywhere, withFd } from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { detachMounts } from "./mount-calls.ts";
import { mountOverlay, type OverlayMount } from "./mount-overlay.ts";
import { attachMount, clonePath, mapOwners } from "./tree-mounts.ts";
import { openOwnerMap } from "./user-namespace.ts";

/** How a container's user namespace changes what it sees. */
export interface OwnerMap {
  /** A user namespace. */
  readonly namespaceFd: number;
  /** The container's root, on the host. */
  readonly root: Owner;
  /** A folder of this container's alone, in one that stays. */
  readonly place: string;
}

const rootName = "rootfs";

/** Makes the place anew: what an earlier daemon left there goes. */
function makePlace({ place, root }: OwnerMap): void {
  removePlace(place);
  mkdirSync(dirname(place), { recursive: true, mode: 0o711 });
  mkdirSync(place, { mode: 0o710 });
  chownSync(place, 0, root.gid);
}

/** Unmounts all that a place holds; idempotent. The folder of the root stays, since runc's exec goes there first. */
function emptyPlace(place: string): void {
  for (const name of namesIn(place)) {
    const path = join(place, name);
    detachMounts(path);
    if (name === rootName) continue;
    // Nothing that is mounted could go with it: neither call takes a mount point.
    if (lstatSync(path).isDirectory()) rmdirSync(path);
    else unlinkSync(path);
  }
}

/** Empties every place that an earlier daemon left; gives their names. */
function emptyPlaces(folder: string): readonly string[] {
  const names = namesIn(folder);
  for (const name of names) emptyPlace(join(folder, name));
  return names;
}

/** Takes a place away with all that is mounted in it; idempotent. */
function removePlace(place: string): void {
  emptyPlace(place);
  for (const path of [join(place, rootName), place]) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** Mounts an overlay at place/rootfs, made anew, over mapped views of its folders; gives that path. @throws KernelError */
export function mountMappedOverlay(overlay: Omit<OverlayMount, "target">, map: OwnerMap): string {
  makePlace(map);
  const target = join(map.place, rootName);
  mkdirSync(target, { mode: 0o700 });
  const views: string[] = [];
  const view = (folder: string): string => {
    const path = join(map.place, `o${views.length}`);
    views.push(path);
    mkdirSync(path, { mode: 0o700 });
    placeMapped(folder, path, map);
    return path;
  };
  try {
    const lowerdirs = overlay.lowerdirs.map(view);
    mountOverlay({ ...overlay, lowerdirs, ...(overlay.upper !== undefined && { upper: upperIn(overlay.upper, view) }), target });
    return target;
  } catch (error) {
    removePlace(map.place);
    throw error;
  } finally {
    // The overlay has its own copies.
    for (const path of views) detachMounts(path);
  }
}

/** Both have to lie on one mount. */
function upperIn(
  { upperdir, workdir }: Required<OverlayMount>["upper"],
  view: (folder: string) => string,
): Required<OverlayMount>["upper"] {
  const above = view(dirname(upperdir));
  return { upperdir: join(above, basename(upperdir)), workdir: join(above, basename(workdir)) };
}

/** Shows files and folders in the place of a container that is about to start; gives their paths there. @throws KernelError */
function showMapped(sources: readonly string[], map: OwnerMap): readonly string[] {
  const first = namesIn(map.place).length;
  return sources.map((source, index) => {
    const path = join(map.place, `m${first + index}`);
    if (statSync(source).isDirectory()) mkdirSync(path, { mode: 0o700 });
    else closeSync(openSync(path, "wx", 0o600));
    placeMapped(source, path, map);
    return path;
  });
}

/** @throws KernelError EINVAL where the file system cannot show other owners */
function placeMapped(source: string, target: string, { namespaceFd }: OwnerMap): void {
  const tree = clonePath(source, { recursive: false });
  withFd(tree, () => {
    try {
      mapOwners(tree, { recursive: false }, namespaceFd);
    } catch (error) {
      throw hasCode(error, "EINVAL") ? new KernelError("mount_setattr", 22, `${source}: its file system cannot show other owners`) : error;
    }
    attachMount(tree, { folder: anywhere, path: target });
  });
}

export const mappedMountCalls = {
  openOwnerMap,
  emptyPlace,
  emptyPlaces,
  removePlace,
  showMapped,
};
