// Mounts by descriptor: taken as a copy, changed while they are nobody's, and put in a place (open_tree(2), mount_setattr(2), move_mount(2)).
import { anywhere } from "./descriptor.ts";
import { cString, syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
const MOUNT_ATTR_RDONLY = 1n;
const MOUNT_ATTR_IDMAP = 0x100000n;

export interface Depth {
  /** With the mounts below. */
  readonly recursive: boolean;
}

/** A copy of the mount at a path, or at a descriptor's own place (""), as a descriptor of nobody's mount. @throws KernelError */
export function cloneMount(folder: number, path: string, { recursive }: Depth): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) | (path === "" ? AT_EMPTY_PATH : 0);
  return syscall({ name: "open_tree", number: sys.openTree, subject: path }, folder, cString(path), flags);
}

/** Puts a mount at a path, or at a descriptor's own place (""). @throws KernelError */
export function attachMount(mount: number, to: { readonly folder: number; readonly path: string }): void {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | (to.path === "" ? MOVE_MOUNT_T_EMPTY_PATH : 0);
  syscall({ name: "move_mount", number: sys.moveMount, subject: to.path }, mount, cString(""), to.folder, cString(to.path), flags);
}

/** @throws KernelError */
export function makeReadOnly(mount: number, depth: Depth): void {
  setAttributes(mount, depth, { set: MOUNT_ATTR_RDONLY });
}

/** Users are seen as the user namespace behind the descriptor says. Only for a mount that is in no place. @throws KernelError EINVAL where the file system cannot */
export function mapOwners(mount: number, depth: Depth, userNamespace: number): void {
  setAttributes(mount, depth, { set: MOUNT_ATTR_IDMAP, userNamespace });
}

function setAttributes(
  mount: number,
  { recursive }: Depth,
  { set, userNamespace = 0 }: { readonly set: bigint; readonly userNamespace?: number },
): void {
  const attributes = new BigUint64Array([set, 0n, 0n, BigInt(userNamespace)]);
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  syscall({ name: "mount_setattr", number: sys.mountSetattr }, mount, cString(""), flags, attributes, attributes.byteLength);
}

/** As `cloneMount` at a path of the host's. */
export function clonePath(path: string, depth: Depth): number {
  return cloneMount(anywhere, path, depth);
}
