// Processes by descriptor (pidfd_open(2)). In-line calls, but for `waitForExitCode`, which is made in a kernel worker.
import { KernelError } from "./kernel-error.ts";
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
 * How a reaped process ended, 0-255 or 128 + signal, whoever reaped it; "pending" before that, undefined on kernels below 6.15.
 */
export function exitCodeOf(pidfd: number): number | "pending" | undefined {
  const bytes = new Uint8Array(infoSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(PIDFD_INFO_EXIT), true);
  const result = syscallRaw(sys.ioctl, pidfd, PIDFD_GET_INFO, bytes);
  if (result < 0) return result === -ESRCH ? "pending" : undefined;
  if ((Number(view.getBigUint64(0, true)) & PIDFD_INFO_EXIT) === 0) return "pending";
  const status = view.getInt32(60, true);
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/**
 * Waits at most so many milliseconds until a process has ended and was reaped; its exit code, undefined when that took longer or the
 * kernel does not tell. For kernel workers only.
 */
export function waitForExitCode(pidfd: number, milliseconds: number): number | undefined {
  const until = performance.now() + milliseconds;
  const poll = new Int32Array([pidfd, POLLIN]);
  const timeout = new BigInt64Array([BigInt(Math.floor(milliseconds / 1000)), BigInt(milliseconds % 1000) * 1_000_000n]);
  if (syscallRaw(sys.ppoll, poll, 1, timeout, 0, 8) <= 0) return undefined;
  for (;;) {
    const code = exitCodeOf(pidfd);
    if (code !== "pending") return code;
    if (performance.now() > until) return undefined;
    Bun.sleepSync(1);
  }
}
