// File calls for threads that make whole trees: names are bytes (a ByteString of one character a byte), results are raw (a negative one is
// -errno), nothing is allocated. Synchronous: for worker threads only. A name is one component below an open directory, so nothing on the
// way can be a link; whole paths go through `openRootedPath` alone.
import { ptr } from "bun:ffi";
import { KernelError } from "./kernel-error.ts";
import { syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const O_CLOEXEC = 0o2000000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const AT_REMOVEDIR = 0x200;
const ST_RDONLY = 1;
const POSIX_FADV_DONTNEED = 4;
const FICLONE = 0x40049409;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = -6;
const EAGAIN = -11;
const ENAMETOOLONG = -36;
const pathMax = 4096;

// Large enough to live outside the garbage collector's own memory, so that their addresses never change.
const scratch = new Uint8Array(64 * 1024);
const firstName = { at: 0, address: ptr(scratch) };
const secondName = { at: pathMax, address: ptr(scratch, pathMax) };
const how = new BigUint64Array(scratch.buffer, 2 * pathMax, 3);
const howAddress = ptr(scratch, 2 * pathMax);
const times = new Int32Array(scratch.buffer, 2 * pathMax + 64, 8);
const timesAddress = ptr(scratch, 2 * pathMax + 64);
const statx = new DataView(scratch.buffer, 2 * pathMax + 128, 256);
const statxAddress = ptr(scratch, 2 * pathMax + 128);

/** Writes the name with a closing NUL; 0 when it is too long or holds a NUL itself. */
function put(place: { readonly at: number; readonly address: number }, name: string): number {
  const { length } = name;
  if (length >= pathMax) return 0;
  for (let index = 0; index < length; index += 1) {
    const byte = name.charCodeAt(index);
    if (byte === 0 || byte > 255) return 0;
    scratch[place.at + index] = byte;
  }
  scratch[place.at + length] = 0;
  return place.address;
}

function named(number: number, folder: number, name: string, rest: readonly number[]): number {
  const address = put(firstName, name);
  return address === 0 ? ENAMETOOLONG : syscallRaw(number, folder, address, ...rest);
}

/** A result that is no refusal. @throws KernelError */
export function must(result: number, call: string, subject: string): number {
  if (result < 0) throw new KernelError(call, -result, subject);
  return result;
}

/** openat2(2) of a path below `root`, with the given RESOLVE_ rules. */
export function openRootedPath(root: number, path: string, options: { readonly flags: number; readonly resolve: number }): number {
  how[0] = BigInt(options.flags | O_CLOEXEC);
  how[1] = 0n;
  how[2] = BigInt(options.resolve);
  for (let attempt = 0; ; attempt += 1) {
    const result = named(sys.openat2, root, path === "" ? "." : path, [howAddress, 24]);
    // The kernel could not tell whether ".." stayed inside, since something was renamed meanwhile.
    if (result !== EAGAIN || attempt === 128) return result;
  }
}

/** openat(2). */
export function openIn(folder: number, name: string, flags: number, mode = 0): number {
  return named(sys.openat, folder, name, [flags | O_CLOEXEC, mode]);
}

/** mkdirat(2). */
export function makeFolderIn(folder: number, name: string, mode: number): number {
  return named(sys.mkdirat, folder, name, [mode]);
}

/** mknodat(2); `mode` with the file type. */
export function makeNodeIn(folder: number, name: string, mode: number, device: { readonly major: number; readonly minor: number }): number {
  const { major, minor } = device;
  const number = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  return named(sys.mknodat, folder, name, [mode, number >>> 0]);
}

/** symlinkat(2). */
export function makeLinkIn(folder: number, name: string, target: string): number {
  const address = put(secondName, target);
  if (address === 0) return ENAMETOOLONG;
  const place = put(firstName, name);
  return place === 0 ? ENAMETOOLONG : syscallRaw(sys.symlinkat, address, folder, place);
}

/** linkat(2); a link as the source is linked itself, never what it points to. */
export function makeHardLinkIn(folder: number, name: string, target: { readonly folder: number; readonly name: string }): number {
  const source = put(secondName, target.name);
  const place = put(firstName, name);
  return source === 0 || place === 0 ? ENAMETOOLONG : syscallRaw(sys.linkat, target.folder, source, folder, place, 0);
}

/** unlinkat(2). */
export function removeIn(folder: number, name: string): number {
  return named(sys.unlinkat, folder, name, [0]);
}

/** unlinkat(2) of an empty directory. */
export function removeFolderIn(folder: number, name: string): number {
  return named(sys.unlinkat, folder, name, [AT_REMOVEDIR]);
}

/** fchmod(2). */
export function setMode(fd: number, mode: number): number {
  return syscallRaw(sys.fchmod, fd, mode);
}

/** fchmodat(2) of what is open, with O_PATH too, whatever its name means by now; EOPNOTSUPP for a link. */
export function setModeOf(fd: number, mode: number): number {
  return named(sys.fchmodat, -100, `/proc/self/fd/${fd}`, [mode]);
}

/** fchmodat(2), which follows: for a name that was made just now and is no link. */
export function setModeIn(folder: number, name: string, mode: number): number {
  return named(sys.fchmodat, folder, name, [mode]);
}

/** fchown(2). */
export function setOwner(fd: number, uid: number, gid: number): number {
  return syscallRaw(sys.fchown, fd, uid, gid);
}

/** fchownat(2) of the name itself. */
export function setOwnerIn(folder: number, name: string, owner: { readonly uid: number; readonly gid: number }): number {
  return named(sys.fchownat, folder, name, [owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW]);
}

function putTime(time: { readonly seconds: number; readonly nanos: number }): void {
  const high = Math.floor(time.seconds / 4_294_967_296);
  for (const at of [0, 4]) {
    times[at] = time.seconds % 4_294_967_296;
    times[at + 1] = high;
    times[at + 2] = time.nanos;
    times[at + 3] = 0;
  }
}

/** utimensat(2) of an open file: both times. */
export function setTime(fd: number, time: { readonly seconds: number; readonly nanos: number }): number {
  putTime(time);
  return syscallRaw(sys.utimensat, fd, 0, timesAddress, 0);
}

/** utimensat(2) of the name itself. */
export function setTimeIn(folder: number, name: string, time: { readonly seconds: number; readonly nanos: number }): number {
  putTime(time);
  return named(sys.utimensat, folder, name, [timesAddress, AT_SYMLINK_NOFOLLOW]);
}

/** read(2). */
export function read(fd: number, bytes: Uint8Array): number {
  return syscallRaw(sys.read, fd, bytes, bytes.byteLength);
}

/** write(2). */
export function write(fd: number, bytes: Uint8Array): number {
  return syscallRaw(sys.write, fd, bytes, bytes.byteLength);
}

/** pwrite64(2). */
export function writeAt(fd: number, bytes: Uint8Array, position: number): number {
  return syscallRaw(sys.pwrite64, fd, bytes, bytes.byteLength, position);
}

/** pread64(2). */
export function readAt(fd: number, bytes: Uint8Array, position: number): number {
  return syscallRaw(sys.pread64, fd, bytes, bytes.byteLength, position);
}

/** sendfile(2) from a position to the same one, between any two file systems: bytes copied, 0 at the end. */
export function copyBytes(from: number, to: number, part: { readonly position: number; readonly length: number }): number {
  const moved = syscallRaw(sys.lseek, to, part.position, 0);
  return moved < 0 ? moved : syscallRaw(sys.sendfile, to, from, new BigInt64Array([BigInt(part.position)]), part.length);
}

/** Where the next bytes are, and where they end (lseek(2), SEEK_DATA and SEEK_HOLE); undefined when only a hole follows. */
export function dataFrom(fd: number, position: number): { readonly begin: number; readonly end: number } | undefined {
  const begin = syscallRaw(sys.lseek, fd, position, SEEK_DATA);
  if (begin === ENXIO) return undefined;
  const end = begin < 0 ? begin : syscallRaw(sys.lseek, fd, begin, SEEK_HOLE);
  // A file system that knows nothing of holes has none.
  return end < 0 ? { begin: position, end: Number.MAX_SAFE_INTEGER } : { begin, end };
}

/** FICLONE of ioctl_ficlone(2): the whole file, without copying a byte. */
export function cloneFile(from: number, to: number): number {
  return syscallRaw(sys.ioctl, to, FICLONE, from);
}

/** ftruncate(2). */
export function setSize(fd: number, size: number): number {
  return syscallRaw(sys.ftruncate, fd, size);
}

/** fallocate(2) of the file's first bytes: blocks and size, no content. */
export function allocate(fd: number, size: number): number {
  return syscallRaw(sys.fallocate, fd, 0, 0, size);
}

/** fsync(2). */
export function syncFile(fd: number): number {
  return syscallRaw(sys.fsync, fd);
}

/** posix_fadvise(2): the file's clean pages leave memory. */
export function dropPages(fd: number): number {
  return syscallRaw(sys.fadvise64, fd, 0, 0, POSIX_FADV_DONTNEED);
}

/** syncfs(2): the whole file system that the descriptor lies on. */
export function syncFileSystem(fd: number): number {
  return syscallRaw(sys.syncfs, fd);
}

/** close(2). */
export function close(fd: number): number {
  return syscallRaw(sys.close, fd);
}

/** fsetxattr(2). */
export function setXattr(fd: number, name: string, value: Uint8Array): number {
  const address = put(firstName, name);
  return address === 0 ? ENAMETOOLONG : syscallRaw(sys.fsetxattr, fd, address, value, value.byteLength, 0);
}

/** lsetxattr(2) of a name in an open directory, by way of /proc; the name itself when it is a link. */
export function setXattrIn(folder: number, name: string, xattr: { readonly name: string; readonly value: Uint8Array }): number {
  const path = put(secondName, `/proc/self/fd/${folder}/${name}`);
  const key = put(firstName, xattr.name);
  return path === 0 || key === 0 ? ENAMETOOLONG : syscallRaw(sys.lsetxattr, path, key, xattr.value, xattr.value.byteLength, 0);
}

/** fgetxattr(2) into `value`: its length. */
export function getXattr(fd: number, name: string, value: Uint8Array): number {
  const address = put(firstName, name);
  return address === 0 ? ENAMETOOLONG : syscallRaw(sys.fgetxattr, fd, address, value, value.byteLength);
}

/** flistxattr(2) into `names`, each closed by a NUL: the length of all. */
export function listXattrs(fd: number, names: Uint8Array): number {
  return syscallRaw(sys.flistxattr, fd, names, names.byteLength);
}

/** lgetxattr(2) of a name in an open directory, as `setXattrIn`. */
export function getXattrIn(folder: number, name: string, xattr: { readonly name: string; readonly value: Uint8Array }): number {
  const path = put(secondName, `/proc/self/fd/${folder}/${name}`);
  const key = put(firstName, xattr.name);
  return path === 0 || key === 0 ? ENAMETOOLONG : syscallRaw(sys.lgetxattr, path, key, xattr.value, xattr.value.byteLength);
}

/** llistxattr(2) of a name in an open directory, as `listXattrs`. */
export function listXattrsIn(folder: number, name: string, names: Uint8Array): number {
  const path = put(secondName, `/proc/self/fd/${folder}/${name}`);
  return path === 0 ? ENAMETOOLONG : syscallRaw(sys.llistxattr, path, names, names.byteLength);
}

/** What kind of file system the descriptor lies on (fstatfs(2)): its magic number, and whether it can be written to. @throws KernelError */
export function fileSystemOf(fd: number): { readonly type: number; readonly readOnly: boolean } {
  const bytes = new Uint8Array(120);
  must(syscallRaw(sys.fstatfs, fd, bytes), "fstatfs", `descriptor ${fd}`);
  const view = new DataView(bytes.buffer);
  return { type: view.getUint32(0, true), readOnly: (view.getUint32(80, true) & ST_RDONLY) !== 0 };
}

/** readlinkat(2), whole: undefined when it is no link. */
export function readLinkIn(folder: number, name: string): string | undefined {
  const length = named(sys.readlinkat, folder, name, [secondName.address, pathMax]);
  return length < 0 ? undefined : String.fromCharCode(...scratch.subarray(pathMax, pathMax + length));
}

/** Names in a directory opened for reading, without "." and ".." (getdents64(2)). @throws KernelError */
export function namesIn(fd: number): readonly string[] {
  const names: string[] = [];
  const bytes = new Uint8Array(32 * 1024);
  const view = new DataView(bytes.buffer);
  for (;;) {
    const length = must(syscallRaw(sys.getdents64, fd, bytes, bytes.length), "getdents64", `descriptor ${fd}`);
    if (length === 0) return names;
    for (let at = 0; at < length; at += view.getUint16(at + 16, true)) {
      const name = String.fromCharCode(...bytes.subarray(at + 19, bytes.indexOf(0, at + 19)));
      if (name !== "." && name !== "..") names.push(name);
    }
  }
}

/** What `statusIn` tells. */
export interface RootedStatus {
  /** With the file type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly device: { readonly major: number; readonly minor: number };
  readonly mtime: { readonly seconds: number; readonly nanos: number };
  readonly size: number;
  readonly links: number;
  readonly inode: bigint;
  /** The file system that it lies on. */
  readonly on: number;
}

/** statx(2) of the name itself (of the descriptor when it is empty); undefined when there is none. @throws KernelError */
export function statusIn(folder: number, name: string): RootedStatus | undefined {
  const result = named(sys.statx, folder, name, [name === "" ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW, 0x7ff, statxAddress]);
  if (result === -2 || result === -20) return undefined;
  must(result, "statx", name);
  return {
    mode: statx.getUint16(28, true),
    uid: statx.getUint32(20, true),
    gid: statx.getUint32(24, true),
    device: { major: statx.getUint32(128, true), minor: statx.getUint32(132, true) },
    mtime: { seconds: Number(statx.getBigInt64(112, true)), nanos: statx.getUint32(120, true) },
    size: Number(statx.getBigUint64(40, true)),
    links: statx.getUint32(16, true),
    inode: statx.getBigUint64(32, true),
    on: statx.getUint32(136, true) * 2 ** 20 + statx.getUint32(140, true),
  };
}

/** The calls under one name, for threads outside this room. */
export const rooted = {
  must,
  openPath: openRootedPath,
  open: openIn,
  makeFolder: makeFolderIn,
  makeNode: makeNodeIn,
  makeLink: makeLinkIn,
  makeHardLink: makeHardLinkIn,
  remove: removeIn,
  removeFolder: removeFolderIn,
  setMode,
  setModeOf,
  setModeIn,
  setOwner,
  setOwnerIn,
  setTime,
  setTimeIn,
  read,
  write,
  writeAt,
  readAt,
  dropPages,
  setSize,
  allocate,
  syncFile,
  syncFileSystem,
  close,
  setXattr,
  setXattrIn,
  getXattr,
  getXattrIn,
  listXattrs,
  listXattrsIn,
  fileSystemOf,
  readLink: readLinkIn,
  status: statusIn,
  names: namesIn,
} as const;
