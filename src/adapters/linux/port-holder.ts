import { syscall, syscallRaw } from "./libc.ts";
import { joinBytes, bigEndian, u32 } from "./netlink.ts";
import { sys } from "./numbers.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVBUF = 8;
const SHUT_RD = 0;
const IPPROTO_SCTP = 132;

/** A port of the host. */
export interface HostPort {
  readonly protocol: "tcp" | "udp" | "sctp";
  /** One of IPv4 as a number, one of IPv6 as its bytes; zero means every address of its kind. */
  readonly address: number | Uint8Array;
  /** 0 lets the kernel choose one that is free. */
  readonly port: number;
}

/** A port of the host that nobody else can bind while this is held: a bound socket that never takes a connection. In line. */
export class PortHolder implements Disposable {
  /** The port that is held. */
  readonly port: number;
  readonly #fd: number;

  /** @throws KernelError EADDRINUSE, EADDRNOTAVAIL, EACCES, EAFNOSUPPORT, EPROTONOSUPPORT */
  constructor(port: HostPort) {
    const what = { name: "socket", number: sys.socket, subject: port.protocol };
    const type = port.protocol === "udp" ? SOCK_DGRAM : SOCK_STREAM;
    this.#fd = syscall(
      what,
      typeof port.address === "number" ? AF_INET : AF_INET6,
      type | SOCK_CLOEXEC,
      port.protocol === "sctp" ? IPPROTO_SCTP : 0,
    );
    try {
      if (port.protocol === "tcp") this.#holdTcp(port);
      else if (port.protocol === "udp") this.#holdUdp(port);
      else this.#bind(port);
      this.port = port.port === 0 ? this.#boundPort() : port.port;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    syscallRaw(sys.close, this.#fd);
  }

  /**
   * Connections of an earlier owner in TIME_WAIT are no reason to refuse (SO_REUSEADDR), but between two sockets with that option
   * only listen(2) finds the conflict. So it listens for an instant, goes back to being merely bound, and drops the option.
   */
  #holdTcp(port: HostPort): void {
    syscallRaw(sys.setsockopt, this.#fd, SOL_SOCKET, SO_REUSEADDR, u32(1), 4);
    this.#bind(port);
    syscall({ name: "listen", number: sys.listen, subject: subjectOf(port) }, this.#fd, 0);
    syscallRaw(sys.setsockopt, this.#fd, SOL_SOCKET, SO_REUSEADDR, u32(0), 4);
    syscallRaw(sys.shutdown, this.#fd, SHUT_RD);
  }

  #holdUdp(port: HostPort): void {
    this.#bind(port);
    syscallRaw(sys.setsockopt, this.#fd, SOL_SOCKET, SO_RCVBUF, u32(0), 4);
  }

  #bind(port: HostPort): void {
    const address = socketAddress(port);
    if (typeof port.address !== "number") syscallRaw(sys.setsockopt, this.#fd, IPPROTO_IPV6, IPV6_V6ONLY, u32(1), 4);
    syscall({ name: "bind", number: sys.bind, subject: subjectOf(port) }, this.#fd, address, address.length);
  }

  #boundPort(): number {
    const address = new Uint8Array(28);
    syscall({ name: "getsockname", number: sys.getsockname }, this.#fd, address, u32(address.length));
    return new DataView(address.buffer).getUint16(2, false);
  }
}

/** struct sockaddr_in, struct sockaddr_in6 (ip(7), ipv6(7)). */
function socketAddress({ address, port }: HostPort): Uint8Array {
  if (typeof address === "number")
    return joinBytes([new Uint8Array([AF_INET, 0]), bigEndian(port, 2), bigEndian(address, 4), new Uint8Array(8)]);
  return joinBytes([new Uint8Array([AF_INET6, 0]), bigEndian(port, 2), new Uint8Array(4), address, new Uint8Array(4)]);
}

function subjectOf(port: HostPort): string {
  return `${port.protocol} port ${port.port}`;
}
