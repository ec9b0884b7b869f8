// Overlay mounts (Documentation/filesystems/overlayfs.rst). The mount API with one `lowerdir+` a layer takes 500 layers; mount(2), for
// kernels before 6.8, has one page for all options, so its layers are named by descriptor ("/proc/self/fd/17"): over 190 fit.
import { constants, mkdirSync } from "node:fs";
import { anywhere, O_PATH, closeFd, openAt } from "./descriptor.ts";
import { hasCode, KernelError } from "./kernel-error.ts";
import { cString, syscall } from "./libc.ts";
import { assign, createMount, descriptorName, openContext, placeMount, setFlag, shortName } from "./mount-context.ts";
import { sys } from "./numbers.ts";

export interface OverlayMount {
  /** Topmost first. */
  readonly lowerdirs: readonly string[];
  /** Absent: read-only, and then at least two lowerdirs. */
  readonly upper?: { readonly upperdir: string; readonly workdir: string };
  readonly target: string;
  /** Nothing is ever synced; after a power cut the upper is worthless. */
  readonly volatile: boolean;
}

const MNT_DETACH = 2;

// Without "xino", which some kernels turn on by themselves, inode numbers stay small: those of 64 bits end 32-bit programs with EOVERFLOW.
// "nofollow" and not "off": with most kernels' defaults "off" still follows a redirect that stands in a layer.
const settings = [
  ["redirect_dir", "nofollow"],
  ["metacopy", "off"],
  ["index", "off"],
  ["xino", "off"],
] as const;

/** Mounts an overlay at `target`. @throws KernelError with the file system's own explanation where the kernel gives one */
export function mountOverlay(mount: OverlayMount): void {
  try {
    withDescriptors((descriptors) => mountByContext(mount, descriptors));
  } catch (error) {
    // EINVAL at once or, before 6.5, only from the mount: this kernel does not know `lowerdir+`. Or the mount itself is wrong, and fails again.
    if (!hasCode(error, "EINVAL", "ENOSYS")) throw error;
    try {
      mountOverlayByPage(mount);
    } catch (later) {
      throw hasCode(later, "EINVAL") ? error : later;
    }
  }
}

/** As `mountOverlay` does on kernels before 6.8. @throws KernelError, E2BIG from about 190 layers on */
export function mountOverlayByPage(mount: OverlayMount): void {
  withDescriptors((descriptors) => mountByPage(mount, descriptors));
}

function withDescriptors<Result>(use: (descriptors: number[]) => Result): Result {
  const descriptors: number[] = [];
  try {
    return use(descriptors);
  } finally {
    for (const fd of descriptors) closeFd(fd);
  }
}

/**
 * The same overlay as an O_PATH descriptor of its root, in nobody's mount table; it is gone when the descriptor is closed. `target` is used
 * for an instant by kernels before 6.8. @throws KernelError
 */
export function openOverlay(mount: OverlayMount): number {
  try {
    return withDescriptors((descriptors) => createByContext(mount, descriptors));
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOSYS")) throw error;
    mkdirSync(mount.target, { recursive: true, mode: 0o700 });
    mountOverlayByPage(mount);
    try {
      return openAt(anywhere, mount.target, O_PATH | constants.O_DIRECTORY);
    } finally {
      syscall({ name: "umount2", number: sys.umount2, subject: mount.target }, cString(mount.target), MNT_DETACH);
    }
  }
}

function mountByContext(mount: OverlayMount, descriptors: number[]): void {
  const tree = createByContext(mount, descriptors);
  descriptors.push(tree);
  placeMount(tree, mount.target);
}

function createByContext(mount: OverlayMount, descriptors: number[]): number {
  const context = openContext("overlay", descriptors);
  for (const folder of mount.lowerdirs) assign(context, "lowerdir+", shortName(folder, descriptors));
  if (mount.upper !== undefined) {
    assign(context, "upperdir", shortName(mount.upper.upperdir, descriptors));
    assign(context, "workdir", shortName(mount.upper.workdir, descriptors));
  }
  for (const [key, value] of settings) assign(context, key, value);
  if (mount.volatile && mount.upper !== undefined) setFlag(context, "volatile");
  return createMount(context, mount.target, 0);
}

function mountByPage(mount: OverlayMount, descriptors: number[]): void {
  const byFd = (folder: string): string => descriptorName(folder, descriptors);
  const options = [`lowerdir=${mount.lowerdirs.map(byFd).join(":")}`];
  if (mount.upper !== undefined) options.push(`upperdir=${byFd(mount.upper.upperdir)}`, `workdir=${byFd(mount.upper.workdir)}`);
  for (const [key, value] of settings) options.push(`${key}=${value}`);
  if (mount.volatile && mount.upper !== undefined) options.push("volatile");
  const page = cString(options.join(","));
  // The kernel cuts a longer page without a word.
  if (page.length > 4096) throw new KernelError("mount", 7, `${mount.target} (${mount.lowerdirs.length} layers)`);
  const overlay = cString("overlay");
  syscall({ name: "mount", number: sys.mount, subject: mount.target }, overlay, cString(mount.target), overlay, 0, page);
}
