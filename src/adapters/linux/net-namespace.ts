// The one window into another network namespace. Threads that the engine starts are born in the namespace of the thread that starts
// them, and stay there and pin it. So all arguments are ready before the thread leaves home, and between leaving and coming back there
// are only raw calls: nothing is allocated, nothing is thrown, nothing can start a thread. Runs in a kernel worker.
import { type Pointer, ptr, read } from "bun:ffi";
import { KernelError } from "./kernel-error.ts";
import { cString, errnoLocation, rawSyscall, syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const CLONE_NEWNET = 0x40000000;
const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CLOEXEC = 0o2000000;
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_ROUTE = 0;

const ownNamespace = cString("/proc/thread-self/ns/net");
const ipv6Default = cString("/proc/sys/net/ipv6/conf/default/disable_ipv6");
const digitOne = new Uint8Array([0x31]);
/** Results of the calls in the window, and the errno of the first that failed. */
const slot = { entered: 0, namespace: 1, socket: 2, setting: 3, left: 4, errno: 5 } as const;
const results = new Int32Array(6);

/** Descriptors that outlive the window; the caller closes them. */
export interface NamespaceWindow {
  readonly namespaceFd: number;
  /** A route netlink socket that belongs to the namespace, wherever it is used. */
  readonly netlinkFd: number;
}

/**
 * Enters a new namespace (`undefined`) or the one behind a descriptor, makes a netlink socket there and comes back. In one that is new,
 * interfaces that come later have no IPv6. @throws KernelError
 */
export function openNamespace(target: number | undefined, isNew = target === undefined): NamespaceWindow {
  const home = syscall({ name: "openat", number: sys.openat, subject: "/proc/thread-self/ns/net" }, AT_FDCWD, ownNamespace, O_CLOEXEC);
  try {
    window(home, target ?? -1, { isNew, path: ptr(ownNamespace), setting: ptr(ipv6Default), one: ptr(digitOne) });
  } finally {
    syscallRaw(sys.close, home);
  }
  const [entered = 0, namespace = 0, socket = 0, , left = 0, errno = 0] = results;
  // A thread that cannot come home must never run anything again.
  if (left < 0) process.exit(1);
  if (entered >= 0 && namespace >= 0 && socket >= 0) return { namespaceFd: target ?? namespace, netlinkFd: socket };
  if (target === undefined && namespace > 0) syscallRaw(sys.close, namespace);
  if (socket > 0) syscallRaw(sys.close, socket);
  throw new KernelError(entered < 0 ? (target === undefined ? "unshare" : "setns") : "socket", errno, "network namespace");
}

const { unshare, setns, openat, socket, write, close } = sys;

/** Addresses of the constants above, taken by the caller, who keeps the constants alive. */
interface Addresses {
  readonly isNew: boolean;
  readonly path: Pointer;
  readonly setting: Pointer;
  readonly one: Pointer;
}

function window(home: number, target: number, at: Addresses): void {
  const { isNew, path, setting, one } = at;
  const errnoAddress = errnoLocation();
  results.fill(0);
  results[slot.entered] = Number(
    target < 0 ? rawSyscall(unshare, CLONE_NEWNET, 0, 0, 0, 0, 0) : rawSyscall(setns, target, CLONE_NEWNET, 0, 0, 0, 0),
  );
  if (results[slot.entered] === -1) {
    results[slot.errno] = read.i32(errnoAddress, 0);
    return;
  }
  if (target < 0) results[slot.namespace] = Number(rawSyscall(openat, AT_FDCWD, path, O_CLOEXEC, 0, 0, 0));
  if (results[slot.namespace] === -1) results[slot.errno] = read.i32(errnoAddress, 0);
  results[slot.socket] = Number(rawSyscall(socket, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE, 0, 0, 0));
  if (results[slot.socket] === -1) results[slot.errno] = read.i32(errnoAddress, 0);
  if (isNew) {
    // A kernel without IPv6 has no such file, and nothing to turn off.
    results[slot.setting] = Number(rawSyscall(openat, AT_FDCWD, setting, O_WRONLY | O_CLOEXEC, 0, 0, 0));
    if (results[slot.setting] !== -1) {
      rawSyscall(write, results[slot.setting] ?? -1, one, 1, 0, 0, 0);
      rawSyscall(close, results[slot.setting] ?? -1, 0, 0, 0, 0, 0);
    }
  }
  results[slot.left] = Number(rawSyscall(setns, home, CLONE_NEWNET, 0, 0, 0, 0));
  if (results[slot.left] === -1) results[slot.left] = Number(rawSyscall(setns, home, CLONE_NEWNET, 0, 0, 0, 0));
}
