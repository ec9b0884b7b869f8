import { anywhere, withFd } from "./descriptor.ts";
import { cString, syscall, syscallRaw } from "./libc.ts";
import { mountOverlay } from "./mount-overlay.ts";
import { sys } from "./numbers.ts";
import { attachMount, clonePath } from "./tree-mounts.ts";

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
const MS_NOSUID_NODEV = 2 | 4;
const EINVAL = 22;
const ENOENT = 2;

/** Detaches every mount that lies at the path, the topmost first (umount2(2) with MNT_DETACH); false when there was none. @throws KernelError */
export function detachMounts(path: string): boolean {
  const target = cString(path);
  for (let count = 0; ; count += 1) {
    const result = syscallRaw(sys.umount2, target, MNT_DETACH | UMOUNT_NOFOLLOW);
    // EINVAL: not a mount point.
    if (result === -EINVAL || result === -ENOENT) return count > 0;
    if (result < 0) syscall({ name: "umount2", number: sys.umount2, subject: path }, target, MNT_DETACH | UMOUNT_NOFOLLOW);
  }
}

/** Mounts of paths that the engine chose. */
export const mountCalls = {
  mountOverlay,
  detachMounts,

  /** A tmpfs of at most `bytes`, nosuid and nodev. @throws KernelError */
  mountTmpfs: (target: string, options: { readonly bytes: number; readonly mode: number }): void => {
    const tmpfs = cString("tmpfs");
    const page = cString(`size=${options.bytes},mode=${options.mode.toString(8)}`);
    syscall({ name: "mount", number: sys.mount, subject: target }, tmpfs, cString(target), tmpfs, MS_NOSUID_NODEV, page);
  },

  /** Shows `source` at `target` too (open_tree(2)), with the mounts below it when `recursive`. @throws KernelError */
  bindMount: (source: string, target: string, recursive: boolean): void => {
    withFd(clonePath(source, { recursive }), (tree) => attachMount(tree, { folder: anywhere, path: target }));
  },
};
