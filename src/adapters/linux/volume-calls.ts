// Folders of volumes, what is mounted over them, and folders within them. The names are the engine's own; what lies in them is anybody's.
import { closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { anywhere, openAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { cString, syscall } from "./libc.ts";
import { detachMounts } from "./mount-calls.ts";
import { sys } from "./numbers.ts";
import { resolveInRoot } from "./resolve-in-root.ts";

/** Stands in a volume's folder until its row is committed. */
const mark = "new";

/** mount(8)'s words for the flags of mount(2); a second number is taken away. */
const words: Readonly<Record<string, readonly [set: number, clear?: number]>> = {
  defaults: [0],
  ro: [1],
  rw: [0, 1],
  nosuid: [2],
  suid: [0, 2],
  nodev: [4],
  dev: [0, 4],
  noexec: [8],
  exec: [0, 8],
  sync: [16],
  async: [0, 16],
  remount: [32],
  mand: [64],
  nomand: [0, 64],
  dirsync: [128],
  noatime: [1024],
  atime: [0, 1024],
  nodiratime: [2048],
  diratime: [0, 2048],
  bind: [4096],
  rbind: [4096 | 16_384],
  relatime: [1 << 21],
  norelatime: [0, 1 << 21],
  strictatime: [1 << 24],
  nostrictatime: [0, 1 << 24],
};

/** Makes the folder with its content and its mark; idempotent. */
function makeVolume(folder: string): void {
  if (existsSync(join(folder, "_data"))) return;
  mkdirSync(folder, { recursive: true, mode: 0o701 });
  closeSync(openSync(join(folder, mark), "w", 0o600));
  mkdirSync(join(folder, "_data"), { mode: 0o755 });
}

function settleVolume(folder: string): void {
  rmSync(join(folder, mark), { force: true });
}

function listVolumes(folder: string): readonly { readonly name: string; readonly isNew: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ name, isNew: existsSync(join(folder, name, mark)) }));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** A folder beside the content, for a copy that is to appear at once; what an earlier daemon left there is the caller's to throw away. */
function makeFilling(folder: string): string {
  const path = join(folder, "filling");
  mkdirSync(path, { mode: 0o755 });
  return path;
}

/** Puts the copy in the place of the content; false, and nothing done, when that is not empty any more. */
function takeFilling(folder: string): boolean {
  try {
    renameSync(join(folder, "filling"), join(folder, "_data"));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOTEMPTY", "EEXIST")) return false;
    throw error;
  }
}

/** Syncs the file system below a folder. */
function syncFolder(folder: string): void {
  withFd(openAt(anywhere, folder, constants.O_RDONLY | constants.O_DIRECTORY), (fd) =>
    syscall({ name: "syncfs", number: sys.syncfs, subject: folder }, fd),
  );
}

/** Both lie in one folder. @throws ENOTEMPTY when there is a volume of the other name */
function renameVolume(from: string, to: string): void {
  renameSync(from, to);
  const folder = dirname(to);
  withFd(openAt(anywhere, folder, constants.O_RDONLY | constants.O_DIRECTORY), (fd) =>
    syscall({ name: "fsync", number: sys.fsync, subject: folder }, fd),
  );
}

interface DeviceMount {
  readonly type: string;
  readonly device: string;
  /** As `-o` of mount(8). */
  readonly options: string;
}

/** Mounts over the folder unless something is mounted there. @throws KernelError */
function mountDevice(target: string, { type, device, options }: DeviceMount): void {
  if (isMountPoint(target)) return;
  let flags = 0;
  const rest: string[] = [];
  for (const word of options.split(",").filter((text) => text !== "")) {
    const known = Object.hasOwn(words, word) ? words[word] : undefined;
    if (known === undefined) rest.push(word);
    else flags = (flags & ~(known[1] ?? 0)) | known[0];
  }
  const what = { name: "mount", number: sys.mount, subject: device };
  syscall(what, cString(device), cString(target), cString(type), flags, cString(rest.join(",")));
  // The first call of a bind takes no other flag (mount(2), "Creating a bind mount").
  const isBind = (flags & 4096) !== 0;
  if (isBind && (flags & 0xf) !== 0) syscall(what, cString("none"), cString(target), cString("none"), flags | 32, 0);
}

/** Memory as a folder that everybody may write to, at a place that is made. Idempotent. @throws KernelError */
function mountMemory(place: string, size: number): void {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  mountDevice(place, { type: "tmpfs", device: "shm", options: `nosuid,nodev,noexec,mode=1777,size=${size}` });
}

function isMountPoint(path: string): boolean {
  const [here, above] = [statSync(path), statSync(dirname(path))];
  return here.dev !== above.dev || mountIdOf(path) !== mountIdOf(dirname(path));
}

/** The mount that a path lies on (statx(2), STATX_MNT_ID). */
function mountIdOf(path: string): bigint {
  const bytes = new Uint8Array(256);
  syscall({ name: "statx", number: sys.statx, subject: path }, anywhere, cString(path), 0, 0x1000, bytes);
  return new DataView(bytes.buffer).getBigUint64(144, true);
}

/** Takes what is shown at a place away, and the place too. */
function hideShown(place: string): void {
  detachMounts(place);
  try {
    rmdirSync(place);
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) rmSync(place, { force: true });
    else if (!hasCode(error, "ENOENT")) throw error;
  }
}

export const volumeCalls = {
  makeVolume,
  settleVolume,
  listVolumes,
  makeFilling,
  takeFilling,
  syncFolder,
  renameVolume,
  mountDevice,
  mountMemory,
  hideShown,
  resolveInRoot,
};
