// Project quotas (quotactl(2), linux/dqblk_xfs.h, linux/fs.h): a limit of what may lie in a few folders and everything that is ever made in
// them. ext4 and XFS have them where they are mounted with prjquota; both answer to XFS' commands.
import { constants } from "node:fs";
import { join } from "node:path";
import { anywhere, openAt, withFd } from "./descriptor.ts";
import { KernelError } from "./kernel-error.ts";
import { syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const projectQuota = 2;
const command = (number: number): number => (((0x58 << 8) | number) << 8) | projectQuota;
const Q_XGETQUOTA = command(3);
const Q_XSETQLIM = command(4);
const Q_XGETQSTAT = command(5);
const FS_QUOTA_PDQ_ENFD = 1 << 5;
const FS_IOC_FSGETXATTR = 0x801c581f;
const FS_IOC_FSSETXATTR = 0x401c5820;
const FS_XFLAG_PROJINHERIT = 0x200;
const ENOENT = 2;

/** struct fs_quota_stat */
const state = { size: 80, flagsAt: 2 } as const;
/** struct fs_disk_quota; limits are in units of 512 bytes. */
const quota = { size: 112, flagsAt: 1, fieldsAt: 2, idAt: 4, hardAt: 8, softAt: 16, inodesAt: 48, unit: 512n } as const;
const forProject = 2;
const blockLimits = (1 << 2) | (1 << 3);
/** struct fsxattr */
const attributes = { size: 28, flagsAt: 0, projectAt: 12 } as const;

/** Numbers from here on are ours: high enough that nobody gives them by hand. */
const firstProject = 0x6700_0000;
const mostProjects = 1 << 20;

/**
 * Limits the bytes of all that will be in these folders together, which must be empty and on one file system. False, and nothing done, where
 * that enforces no project quotas. The caller sees to it that nobody else does the same meanwhile. @throws KernelError
 */
export function limitFolders(folders: readonly string[], bytes: number): boolean {
  const [first] = folders;
  if (first === undefined || !withFolder(first, enforces)) return false;
  const project = withFolder(first, (fd) => {
    const free = freeProject(fd);
    setLimit(fd, free, bytes);
    return free;
  });
  for (const folder of folders) withFolder(folder, (fd) => setProject(fd, project));
  return true;
}

export const projectQuotaCalls = {
  /** As `limitFolders`, for what a container writes. */
  limitRootfs: (folder: string, bytes: number): boolean => limitFolders([join(folder, "upper"), join(folder, "work")], bytes),
};

function withFolder<Value>(path: string, use: (fd: number) => Value): Value {
  return withFd(openAt(anywhere, path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW), use);
}

function enforces(fd: number): boolean {
  const bytes = new Uint8Array(state.size);
  // A kernel or file system without quotas says so in many ways; none of them is a quota.
  if (syscallRaw(sys.quotactlFd, fd, Q_XGETQSTAT, 0, bytes) < 0) return false;
  return (new DataView(bytes.buffer).getUint16(state.flagsAt, true) & FS_QUOTA_PDQ_ENFD) !== 0;
}

/** A number that no file has; those of containers that are gone come again, so that the file of quotas does not grow. */
function freeProject(fd: number): number {
  const bytes = new Uint8Array(quota.size);
  for (let project = firstProject; project < firstProject + mostProjects; project += 1) {
    const result = syscallRaw(sys.quotactlFd, fd, Q_XGETQUOTA, project, bytes);
    if (result === -ENOENT || (result >= 0 && new DataView(bytes.buffer).getBigUint64(quota.inodesAt, true) === 0n)) return project;
    if (result < 0) throw new KernelError("Q_XGETQUOTA", -result);
  }
  throw new Error(`all ${mostProjects} numbers of projects are taken`);
}

function setLimit(fd: number, project: number, bytes: number): void {
  const limit = (BigInt(bytes) + quota.unit - 1n) / quota.unit;
  const asked = new Uint8Array(quota.size);
  const view = new DataView(asked.buffer);
  view.setInt8(0, 1);
  view.setInt8(quota.flagsAt, forProject);
  view.setUint16(quota.fieldsAt, blockLimits, true);
  view.setUint32(quota.idAt, project, true);
  view.setBigUint64(quota.hardAt, limit, true);
  view.setBigUint64(quota.softAt, limit, true);
  syscall({ name: "Q_XSETQLIM", number: sys.quotactlFd }, fd, Q_XSETQLIM, project, asked);
}

function setProject(fd: number, project: number): void {
  const bytes = new Uint8Array(attributes.size);
  syscall({ name: "FS_IOC_FSGETXATTR", number: sys.ioctl }, fd, FS_IOC_FSGETXATTR, bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(attributes.flagsAt, view.getUint32(attributes.flagsAt, true) | FS_XFLAG_PROJINHERIT, true);
  view.setUint32(attributes.projectAt, project, true);
  syscall({ name: "FS_IOC_FSSETXATTR", number: sys.ioctl }, fd, FS_IOC_FSSETXATTR, bytes);
}
