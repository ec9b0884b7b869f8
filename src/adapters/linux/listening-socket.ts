// What is asked of sockets that somebody else opened. In-line calls: none of them waits (socket(7)).
import { syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const SO_DOMAIN = 39;
const AF_UNIX = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** True for a listening unix socket. */
export function isUnixListener(fd: number): boolean {
  return option(fd, SO_DOMAIN) === AF_UNIX && option(fd, SO_ACCEPTCONN) === 1;
}

/** Programs that this process starts do not get the descriptor. @throws KernelError EBADF */
export function closeOnExec(fd: number): void {
  syscall({ name: "fcntl", number: sys.fcntl, subject: String(fd) }, fd, F_SETFD, FD_CLOEXEC);
}

/** Undefined for what is no socket. */
function option(fd: number, name: number): number | undefined {
  const value = new Int32Array(1);
  const length = new Uint32Array([value.byteLength]);
  return syscallRaw(sys.getsockopt, fd, SOL_SOCKET, name, value, length) < 0 ? undefined : value[0];
}
