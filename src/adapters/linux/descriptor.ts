// Calls relative to an open directory: a name given here is one component, so nothing on the way can be a link.
// For use inside workers only; descriptors are plain numbers that the same function closes.
import { constants } from "node:fs";
import { cString, syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

export const O_PATH = 0o10000000;
export const O_CLOEXEC = 0o2000000;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const RENAME_NOREPLACE = 1;
const STATX_BASIC_STATS = 0x7ff;

/** openat2(2), "resolve". */
export const resolve = { noXdev: 0x01, noMagicLinks: 0x02, noSymlinks: 0x04, beneath: 0x08, inRoot: 0x10 } as const;

/** One component or a path, in text or in the bytes that getdents gave. */
export type Name = string | Uint8Array;

/** Where a call starts: an open directory, or the process's own root for absolute paths of the engine. */
export const anywhere = AT_FDCWD;

function show(name: Name): string {
  return typeof name === "string" ? name : new TextDecoder("latin1").decode(name);
}

/** openat(2) with O_CLOEXEC. @throws KernelError */
export function openAt(folder: number, name: Name, flags: number, mode = 0): number {
  return syscall({ name: "openat", number: sys.openat, subject: show(name) }, folder, cString(name), flags | O_CLOEXEC, mode);
}

/** openat2(2): as `openAt`, with the kernel's rules of resolution. @throws KernelError */
export function openRooted(folder: number, name: Name, options: { readonly flags: number; readonly resolve: number }): number {
  const how = new BigUint64Array([BigInt(options.flags | O_CLOEXEC), 0n, BigInt(options.resolve)]);
  for (let attempt = 0; ; attempt += 1) {
    const fd = syscallRaw(sys.openat2, folder, cString(name), how, how.byteLength);
    // EAGAIN: something was renamed meanwhile and the kernel could not tell whether ".." stayed inside.
    if (fd === -11 && attempt < 128) continue;
    return fd >= 0
      ? fd
      : syscall({ name: "openat2", number: sys.openat2, subject: show(name) }, folder, cString(name), how, how.byteLength);
  }
}

/** close(2); a descriptor that is no longer open is our bug and nobody else's. */
export function closeFd(fd: number): void {
  syscallRaw(sys.close, fd);
}

/** Runs `use` with the descriptor and closes it. */
export function withFd<Result>(fd: number, use: (fd: number) => Result): Result {
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}

export interface Status {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  /** Of 512 bytes each, on disk. */
  readonly blocks: number;
  readonly mtime: { readonly seconds: bigint; readonly nanos: number };
}

/** statx(2) of a name (links are not followed), or of the descriptor itself when the name is empty. @throws KernelError */
export function statusAt(folder: number, name: Name): Status {
  const bytes = new Uint8Array(256);
  const flags = name.length === 0 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  syscall({ name: "statx", number: sys.statx, subject: show(name) }, folder, cString(name), flags, STATX_BASIC_STATS, bytes);
  const view = new DataView(bytes.buffer);
  return {
    nlink: view.getUint32(16, true),
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    mode: view.getUint16(28, true),
    size: Number(view.getBigUint64(40, true)),
    blocks: Number(view.getBigUint64(48, true)),
    mtime: { seconds: view.getBigInt64(112, true), nanos: view.getUint32(120, true) },
  };
}

export function isFolder(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFDIR;
}

export function isRegular(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFREG;
}

export function isLink(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFLNK;
}

/** mkdirat(2). @throws KernelError */
export function makeFolderAt(folder: number, name: Name, mode: number): void {
  syscall({ name: "mkdirat", number: sys.mkdirat, subject: show(name) }, folder, cString(name), mode);
}

/** unlinkat(2) of a name, or of an empty directory. Gives 0 or -errno, since a refusal is part of the work of whoever removes. */
export function unlinkAt(folder: number, name: Name, isDirectory: boolean): number {
  return syscallRaw(sys.unlinkat, folder, cString(name), isDirectory ? AT_REMOVEDIR : 0);
}

/** renameat2(2) that never replaces. Gives 0 or -errno. */
export function moveAt(
  from: { readonly folder: number; readonly name: Name },
  to: { readonly folder: number; readonly name: Name },
): number {
  return syscallRaw(sys.renameat2, from.folder, cString(from.name), to.folder, cString(to.name), RENAME_NOREPLACE);
}

/** symlinkat(2). @throws KernelError */
export function linkAt(folder: number, name: Name, target: Name): void {
  syscall({ name: "symlinkat", number: sys.symlinkat, subject: show(name) }, cString(target), folder, cString(name));
}

/** readlinkat(2) of a link opened with O_PATH. @throws KernelError */
export function readLink(fd: number): Uint8Array {
  const bytes = new Uint8Array(4096);
  return bytes.slice(0, syscall({ name: "readlinkat", number: sys.readlinkat }, fd, cString(""), bytes, bytes.length));
}

/** Gives an opened directory (not O_PATH) owner, mode and time; owner first, since chown clears setuid and setgid. @throws KernelError */
export function setAttributes(fd: number, status: Status): void {
  syscall({ name: "fchown", number: sys.fchown }, fd, status.uid, status.gid);
  syscall({ name: "fchmod", number: sys.fchmod }, fd, status.mode & 0o7777);
  const { seconds, nanos } = status.mtime;
  const times = new BigInt64Array([seconds, BigInt(nanos), seconds, BigInt(nanos)]);
  syscall({ name: "utimensat", number: sys.utimensat }, fd, 0, times, 0);
}

/** One entry of a directory; the name in the file system's bytes. */
export interface Entry {
  readonly name: Uint8Array;
  readonly isFolder: boolean;
}

const DT_DIR = 4;

/** Reads a directory opened for reading, at most what `buffer` holds; empty at its end (getdents64(2)). "." and ".." are left out. */
export function readEntries(fd: number, buffer: Uint8Array): { readonly entries: readonly Entry[]; readonly ended: boolean } {
  const length = syscall({ name: "getdents64", number: sys.getdents64 }, fd, buffer, buffer.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset, length);
  const entries: Entry[] = [];
  for (let offset = 0; offset < length; offset += view.getUint16(offset + 16, true)) {
    const name = buffer.slice(offset + 19, buffer.indexOf(0, offset + 19));
    const isDot = name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
    if (!isDot) entries.push({ name, isFolder: view.getUint8(offset + 18) === DT_DIR });
  }
  return { entries, ended: length === 0 };
}
