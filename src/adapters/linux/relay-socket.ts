// A listening socket to which the kernel redirects connections to many ports, and what each of them was made to. In line: nothing here waits.
import { KernelError } from "./kernel-error.ts";
import { syscall, syscallRaw } from "./libc.ts";
import { u32 } from "./netlink.ts";
import { sys } from "./numbers.ts";

const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** linux/netfilter_ipv6/ip6_tables.h; conntrack itself answers it. */
const IP6T_SO_ORIGINAL_DST = 80;
/** As long as the kernel lets a queue be (net.core.somaxconn): who comes while no daemon lives waits there. */
const backlog = 4096;
const addressLength = 28;

/** Whether this kernel speaks IPv6 at all. */
export function hasIpv6(): boolean {
  const fd = syscallRaw(sys.socket, AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) syscallRaw(sys.close, fd);
  return fd >= 0;
}

/** Listens on a port of the kernel's choice for IPv6 alone; undefined on a host without IPv6. @throws KernelError */
export function openRelaySocket(): number | undefined {
  const fd = syscallRaw(sys.socket, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  try {
    const subject = "IPv6 relay";
    syscall({ name: "setsockopt", number: sys.setsockopt, subject }, fd, IPPROTO_IPV6, IPV6_V6ONLY, u32(1), 4);
    const address = new Uint8Array(addressLength);
    address[0] = AF_INET6;
    syscall({ name: "bind", number: sys.bind, subject }, fd, address, address.length);
    syscall({ name: "listen", number: sys.listen, subject }, fd, backlog);
    return fd;
  } catch (error) {
    syscallRaw(sys.close, fd);
    if (error instanceof KernelError && error.code === "EADDRNOTAVAIL") return undefined;
    throw error;
  }
}

/** The port that an IPv6 socket is bound to. @throws KernelError */
export function relayPort(fd: number): number {
  const address = new Uint8Array(addressLength);
  syscall({ name: "getsockname", number: sys.getsockname, subject: "IPv6 relay" }, fd, address, u32(address.length));
  return portIn(address);
}

/** Where an IPv6 connection was made to, before it was redirected; undefined where the kernel does not know. */
export function originalDestination(fd: number): { readonly address: Uint8Array; readonly port: number } | undefined {
  const address = new Uint8Array(addressLength);
  if (syscallRaw(sys.getsockopt, fd, IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST, address, u32(address.length)) < 0) return undefined;
  return { address: address.slice(8, 24), port: portIn(address) };
}

function portIn(address: Uint8Array): number {
  return new DataView(address.buffer).getUint16(2, false);
}
