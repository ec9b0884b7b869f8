// Processes by descriptor (pidfd_open(2)). In-line calls, but for `waitForExit`, which is made in a kernel worker.
import { readFileSync } from "node:fs";
import { hasCode, KernelError } from "./kernel-error.ts";
import { syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const ESRCH = 3;
const POLLIN = 1;

/** _IOWR(0xFF, 11, struct pidfd_info), its first published size. */
const infoSize = 64;
const PIDFD_GET_INFO = ((3 << 30) | (infoSize << 16) | (0xff << 8) | 11) >>> 0;
const PIDFD_INFO_EXIT = 8;

/** A descriptor of the process; undefined when there is none with this number. @throws KernelError */
export function openPidfd(pid: number): number | undefined {
  const fd = syscallRaw(sys.pidfdOpen, pid, 0);
  if (fd === -ESRCH) return undefined;
  if (fd < 0) throw new KernelError("pidfd_open", -fd, String(pid));
  return fd;
}

/** Sends a signal; false when the process is gone. @throws KernelError */
export function signalPidfd(fd: number, signal: number): boolean {
  const result = syscallRaw(sys.pidfdSendSignal, fd, signal, 0, 0);
  if (result === -ESRCH) return false;
  if (result < 0) throw new KernelError("pidfd_send_signal", -result);
  return true;
}

/** A copy of a descriptor that the process holds, closed on exec. @throws KernelError EBADF, ESRCH */
export function getDescriptor(pidfd: number, target: number): number {
  return syscall({ name: "pidfd_getfd", number: sys.pidfdGetfd, subject: String(target) }, pidfd, target, 0);
}

/**
 * How a reaped process ended, 0-255 or 128 + signal, whoever reaped it; undefined before that and on kernels below 6.15.
 */
export function exitCodeOf(pidfd: number): number | undefined {
  const bytes = new Uint8Array(infoSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(PIDFD_INFO_EXIT), true);
  if (syscallRaw(sys.ioctl, pidfd, PIDFD_GET_INFO, bytes) < 0) return undefined;
  if ((Number(view.getBigUint64(0, true)) & PIDFD_INFO_EXIT) === 0) return undefined;
  const status = view.getInt32(60, true);
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** Waits for the end of a process, at most so many milliseconds; true when it ended. For kernel workers only. */
export function waitForExit(pidfd: number, milliseconds: number): boolean {
  const poll = new Int32Array([pidfd, POLLIN]);
  const seconds = Math.floor(milliseconds / 1000);
  const timeout = new BigInt64Array([BigInt(seconds), BigInt(milliseconds - seconds * 1000) * 1_000_000n]);
  return syscallRaw(sys.ppoll, poll, 1, timeout, 0, 8) > 0;
}

/** The parent of a process; undefined when it is gone (proc_pid_stat(5)). */
export function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}
