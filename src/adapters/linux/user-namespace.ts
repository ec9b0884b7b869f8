// A user namespace that nobody lives in, for mounts that show other owners. The kernel makes one only with a process, so one is made that waits
// in pause(2) on a stack of its own and runs nothing of ours; it is ended as soon as the namespace is held by a descriptor.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { constants, writeFileSync } from "node:fs";
import { anywhere, openAt } from "./descriptor.ts";
import { KernelError } from "./kernel-error.ts";
import { cString, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const CLONE_NEWUSER = 0x10000000;
const WAIT_FOR_ALL = 0x40000000;
const SIGKILL = 9;
const stackSize = 64 * 1024;
const highest = 0xffff_fffe;

const pointer = FFIType.ptr;
const { symbols: libc } = dlopen("libc.so.6", {
  dlsym: { args: [pointer, pointer], returns: pointer },
  clone: { args: [pointer, pointer, FFIType.i32, pointer], returns: FFIType.i32 },
});

/** Two numbers of a user or group, that on disk and that which is seen. */
export interface SeenAs {
  readonly disk: number;
  readonly seen: number;
}

/** A descriptor of a namespace in which `disk` is seen as `seen`, and everybody else but these two as who they are. @throws KernelError */
export function openUserNamespace({ user, group }: { readonly user: SeenAs; readonly group: SeenAs }): number {
  const pause = libc.dlsym(null, ptr(cString("pause")));
  const stack = new Uint8Array(stackSize);
  // Aligned as the machine's calls want it; the process has a copy of it as of all memory.
  const top = Math.floor((Number(ptr(stack)) + stackSize - 64) / 16) * 16;
  const pid = libc.clone(pause, top, CLONE_NEWUSER, null);
  if (pid < 0) throw new KernelError("clone", 1, "user namespace");
  try {
    writeFileSync(`/proc/${pid}/uid_map`, mapOf(user));
    writeFileSync(`/proc/${pid}/gid_map`, mapOf(group));
    return openAt(anywhere, `/proc/${pid}/ns/user`, constants.O_RDONLY);
  } finally {
    syscallRaw(sys.kill, pid, SIGKILL);
    syscallRaw(sys.wait4, pid, 0, WAIT_FOR_ALL, 0);
  }
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
