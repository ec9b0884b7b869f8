// Tells of changes that anybody makes to nftables (nfnetlink's multicast group): whoever listens looks again, it learns nothing else here.
import { syscall, syscallRaw } from "./libc.ts";
import { netlinkFamily, openNetlink, u32 } from "./netlink.ts";
import { sys } from "./numbers.ts";
import { connectDescriptor } from "./unix-socket.ts";

const AF_NETLINK = 16;
const NFNLGRP_NFTABLES = 7;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;

/** Calls `changed` whenever a transaction of nftables is done in this network namespace, ours among them. Does not keep the process alive. */
export async function watchNftables(changed: () => void): Promise<Disposable> {
  const fd = openNetlink(netlinkFamily.netfilter);
  try {
    // One message is enough to look again, so what does not fit is dropped without an error: 65,535 new elements are not read here.
    syscallRaw(sys.setsockopt, fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, u32(1), 4);
    syscallRaw(sys.setsockopt, fd, SOL_SOCKET, SO_RCVBUF, u32(4096), 4);
    syscall({ name: "fcntl", number: sys.fcntl, subject: "netlink" }, fd, F_SETFL, O_NONBLOCK);
    // Not by an option: a socket that is not bound has the number 0, which is also "nobody" to the sender, and hears nothing.
    const address = new Uint8Array(12);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(8, 1 << (NFNLGRP_NFTABLES - 1), true);
    syscall({ name: "bind", number: sys.bind, subject: "nftables changes" }, fd, address, address.length);
  } catch (error) {
    syscallRaw(sys.close, fd);
    throw error;
  }
  const socket = await connectDescriptor(fd, { data: () => changed(), error: () => changed() });
  socket.unref();
  return { [Symbol.dispose]: (): void => socket.terminate() };
}
