// User namespaces (user_namespaces(7)). No thread of a process that has others may enter a new one, so a child is born in it: a copy of this
// process that runs one function of the C library, sleep(3), and nothing of ours. It lives until its namespaces are opened; should we die before,
// it ends by itself.
import { closeSync, openSync, writeFileSync } from "node:fs";
import { dlopen, FFIType, ptr } from "bun:ffi";
import { formatIdMap, lastId, type UserMapping } from "#base";
import { KernelError } from "./kernel-error.ts";
import { cString, errnoOf, syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  clone: { args: [FFIType.u64, FFIType.u64, FFIType.i32, FFIType.u64], returns: FFIType.i32 },
  dlsym: { args: [FFIType.u64, FFIType.ptr], returns: FFIType.u64 },
});

const CLONE_FILES = 0x400;
const CLONE_NEWUSER = 0x10000000;
const CLONE_NEWNET = 0x40000000;
const SIGKILL = 9;
/** Children without an exit signal are waited for only so; nobody else's wait takes them. */
const __WALL = 0x40000000;
const patience = 5n;
/** The last number that the kernel has; -1 is nobody's. */
const highest = 0xffff_fffe;
const stack = new Uint8Array(65_536);

/** Descriptors; the caller closes them. */
export interface UserSpace {
  readonly userFd: number;
  /** A network namespace that belongs to it, where one was wanted. */
  readonly networkFd?: number;
}

/** Two numbers of a user or group, that on disk and that which is seen. */
export interface SeenAs {
  readonly disk: number;
  readonly seen: number;
}

/** A new user namespace with these numbers, for a container. @throws KernelError */
export function openUserSpace({ uids, gids }: UserMapping, { network }: { readonly network: boolean }): UserSpace {
  return open({ uidMap: formatIdMap(uids), gidMap: formatIdMap(gids) }, network);
}

/** A descriptor of a namespace in which `disk` is seen as `seen`, and everybody else but these two as who they are. @throws KernelError */
export function openUserNamespace({ user, group }: { readonly user: SeenAs; readonly group: SeenAs }): number {
  return open({ uidMap: mapOf(user), gidMap: mapOf(group) }, false).userFd;
}
/**
 * A user namespace for mounts, by which files of 0 are the container's root's. It shows the host's root as well, as an id that nothing has:
 * overlayfs makes its own files as the host's root.
 */
export function openOwnerMap({ uids, gids }: UserMapping): number {
  const hostRoot = { containerId: lastId, hostId: 0, size: 1 };
  return openUserSpace({ uids: [...uids, hostRoot], gids: [...gids, hostRoot] }, { network: false }).userFd;
}

/** Lines of user_namespaces(7): first number inside, first number outside, count. */
export function mapOf({ disk, seen }: SeenAs): string {
  const lines = [`${disk} ${seen} 1`];
  let begin = 0;
  for (const hole of [...new Set([disk, seen])].toSorted((one, other) => one - other)) {
    if (hole > begin) lines.push(`${begin} ${begin} ${hole - begin}`);
    begin = hole + 1;
  }
  if (begin <= highest) lines.push(`${begin} ${begin} ${highest - begin + 1}`);
  return `${lines.join("\n")}\n`;
}

function open({ uidMap, gidMap }: { readonly uidMap: string; readonly gidMap: string }, network: boolean): UserSpace {
  const pid = bear(CLONE_NEWUSER | (network ? CLONE_NEWNET : 0));
  const opened: number[] = [];
  try {
    writeFileSync(`/proc/${pid}/uid_map`, uidMap);
    writeFileSync(`/proc/${pid}/gid_map`, gidMap);
    for (const name of network ? ["user", "net"] : ["user"]) opened.push(openSync(`/proc/${pid}/ns/${name}`, "r"));
    const [userFd = -1, networkFd] = opened;
    return { userFd, ...(networkFd !== undefined && { networkFd }) };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    syscall({ name: "kill", number: sys.kill }, pid, SIGKILL);
    syscall({ name: "wait4", number: sys.wait4 }, pid, 0, __WALL, 0);
  }
}

function bear(flags: number): number {
  const sleep = libc.dlsym(0, cString("sleep"));
  // Stacks grow down, and the kernel's callers want them aligned to 16 bytes.
  const top = (BigInt(ptr(stack)) + BigInt(stack.length)) & ~15n;
  const pid = libc.clone(sleep, top, flags | CLONE_FILES, patience);
  if (pid < 0) throw new KernelError("clone", errnoOf(), "user namespace");
  return pid;
}
