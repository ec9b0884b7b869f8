// Sockets between this daemon and its monitors. In-line calls: none of them waits (unix(7)).
import { closeFd, withFd } from "./descriptor.ts";
import { cString, syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SHUT_WR = 1;
const MSG_NOSIGNAL = 0x4000;
const F_SETFL = 4;

/** The longest path of a socket, without its closing NUL (sun_path). */
export const maxSocketPath = 107;

/** Two connected stream sockets, closed on exec: the first is non-blocking, the second waits, for a child that reads it. @throws KernelError */
export function socketPair(): readonly [number, number] {
  const pair = new Int32Array(2);
  syscall({ name: "socketpair", number: sys.socketpair }, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
  const [ours = -1, theirs = -1] = pair;
  syscall({ name: "fcntl", number: sys.fcntl }, ours, F_SETFL, SOCK_NONBLOCK);
  return [ours, theirs];
}

/** A non-blocking SEQPACKET connection to a path of the engine's own. @throws KernelError ENOENT, ECONNREFUSED when nobody listens */
export function connectSeqpacket(path: string): number {
  const address = unixAddress(cString(path), path);
  const fd = syscall({ name: "socket", number: sys.socket }, AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    syscall({ name: "connect", number: sys.connect, subject: path }, fd, address, address.length);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/** Sends one datagram to a unix socket; "@name" is an abstract one. @throws KernelError ENOENT, ECONNREFUSED when nobody listens */
export function sendDatagram(path: string, text: string): void {
  const name = new TextEncoder().encode(path.startsWith("@") ? `\0${path.slice(1)}` : path);
  const address = unixAddress(name, path);
  const bytes = new TextEncoder().encode(text);
  withFd(syscall({ name: "socket", number: sys.socket }, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), (fd) => {
    syscall({ name: "sendto", number: sys.sendto, subject: path }, fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
  });
}

/** struct sockaddr_un (unix(7)). */
function unixAddress(name: Uint8Array, shown: string): Uint8Array {
  if (name.length > maxSocketPath + 1) throw new Error(`socket path is longer than ${maxSocketPath} bytes: ${shown}`);
  const address = new Uint8Array(2 + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  return address;
}

/** Half-closes: the peer reads to the end of what was sent. On a socket that is gone it does nothing. */
export function shutdownWrite(fd: number): void {
  syscallRaw(sys.shutdown, fd, SHUT_WR);
}

/**
 * Hands a non-blocking socket to the event loop: one callback a message where the socket keeps messages apart. The descriptor is closed
 * with the socket.
 */
export function connectDescriptor(fd: number, socket: Bun.SocketHandler, allowHalfOpen = false): Promise<Bun.Socket> {
  // Bun takes a descriptor here, its types do not say so.
  return Bun.connect({ fd, allowHalfOpen, socket } as unknown as Bun.UnixSocketOptions);
}
