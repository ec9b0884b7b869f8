// Raw system calls. Everything in linux/ stands on `syscall`; nothing outside linux/ imports this file.
// A call costs 0.1 us. errno is read right behind the call, before anything of the engine can run in between.
import { dlopen, FFIType, type Pointer, ptr, read } from "bun:ffi";
import { KernelError } from "./kernel-error.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: {
    args: [FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast, FFIType.i64_fast],
    returns: FFIType.i64_fast,
  },
  __errno_location: { args: [], returns: FFIType.ptr },
});

/** The bare call, for code that must allocate nothing: numbers and addresses only, -1 and errno as the C library has it. */
export const rawSyscall = libc.syscall;

/** Where this thread's errno stands. */
export function errnoLocation(): Pointer {
  const location = libc.__errno_location();
  if (location === null) throw new KernelError("__errno_location", 5);
  return Number(location) as Pointer;
}

/** The errno of this thread's last call. */
export function errnoOf(): number {
  return read.i32(errnoLocation(), 0);
}

/** An argument of a system call: a number, an address, or bytes whose address is passed. */
export type SysArg = number | bigint | NodeJS.TypedArray;

function word(arg: SysArg | undefined): number | bigint {
  if (arg === undefined) return 0;
  if (typeof arg === "number" || typeof arg === "bigint") return arg;
  return arg.byteLength === 0 ? 0 : ptr(arg);
}

/** Makes the system call; a negative result is -errno. The bytes of `args` stay alive until it returns. */
export function syscallRaw(number: number, ...args: readonly SysArg[]): number {
  const result = Number(libc.syscall(number, word(args[0]), word(args[1]), word(args[2]), word(args[3]), word(args[4]), word(args[5])));
  if (result !== -1) return result;
  const location = libc.__errno_location();
  if (location === null) throw new KernelError("syscall", 5);
  return -read.i32(location, 0);
}

/** As `syscallRaw`, but a failure is thrown with the name of the call and what it was about. @throws KernelError */
export function syscall(
  what: { readonly name: string; readonly number: number; readonly subject?: string },
  ...args: readonly SysArg[]
): number {
  const result = syscallRaw(what.number, ...args);
  if (result < 0) throw new KernelError(what.name, -result, what.subject);
  return result;
}

/** Text as the kernel takes it: UTF-8 bytes with a closing NUL. @throws KernelError EINVAL when the text holds a NUL */
export function cString(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  if (bytes.includes(0)) throw new KernelError("path", 22, JSON.stringify(String(text)));
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}
