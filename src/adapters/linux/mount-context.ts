// A file system in the making, by the mount API (fsopen(2)): options are given one by one, so neither a comma nor a page's end cuts them, and
// the kernel says in words what it does not like.
import { anywhere, O_PATH, openAt } from "./descriptor.ts";
import { KernelError } from "./kernel-error.ts";
import { cString, syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOVE_MOUNT_F_EMPTY_PATH = 4;

/** @throws KernelError ENODEV when the kernel has no such file system */
export function openContext(type: string, descriptors: number[]): number {
  const context = syscall({ name: "fsopen", number: sys.fsopen, subject: type }, cString(type), FSOPEN_CLOEXEC);
  descriptors.push(context);
  return context;
}

/** @throws KernelError with the kernel's explanation */
export function assign(context: number, key: string, value: string): void {
  const result = syscallRaw(sys.fsconfig, context, FSCONFIG_SET_STRING, cString(key), cString(value), 0);
  if (result < 0) throw explained(context, "fsconfig", -result, `${key}=${value}`);
}

/** @throws KernelError with the kernel's explanation */
export function setFlag(context: number, flag: string): void {
  const result = syscallRaw(sys.fsconfig, context, FSCONFIG_SET_FLAG, cString(flag), 0, 0);
  if (result < 0) throw explained(context, "fsconfig", -result, flag);
}

/** The mount as a descriptor, in nobody's mount table; `subject` is for the error. @throws KernelError with the kernel's explanation */
export function createMount(context: number, subject: string, attributes: number): number {
  const created = syscallRaw(sys.fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
  if (created < 0) throw explained(context, "mount", -created, subject);
  return syscall({ name: "fsmount", number: sys.fsmount, subject }, context, FSMOUNT_CLOEXEC, attributes);
}

/** Puts a mount that lies nowhere at a path. @throws KernelError */
export function placeMount(mount: number, target: string): void {
  const call = { name: "move_mount", number: sys.moveMount, subject: target };
  syscall(call, mount, cString(""), anywhere, cString(target), MOVE_MOUNT_F_EMPTY_PATH);
}

/** fsconfig(2) takes 255 bytes, and overlayfs reads ":", "," and "\\" as its own in some versions; such paths go by descriptor. */
export function shortName(path: string, descriptors: number[]): string {
  return /^[\w./@+-]{1,255}$/.test(path) ? path : descriptorName(path, descriptors);
}

/** A name for what is at the path that holds as long as the descriptor is open. @throws KernelError */
export function descriptorName(path: string, descriptors: number[]): string {
  const fd = openAt(anywhere, path, O_PATH);
  descriptors.push(fd);
  return `/proc/self/fd/${fd}`;
}

/** A context holds the reason in words: lines such as "e overlay: upperdir is in-use". */
function explained(context: number, call: string, errno: number, subject: string): KernelError {
  const bytes = new Uint8Array(1024);
  const lines: string[] = [];
  for (;;) {
    const length = syscallRaw(sys.read, context, bytes, bytes.length);
    if (length <= 0) break;
    lines.push(new TextDecoder().decode(bytes.subarray(0, length)).trim());
  }
  return new KernelError(call, errno, lines.length === 0 ? subject : `${subject} (${lines.join("; ")})`);
}
