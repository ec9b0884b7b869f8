import { syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** Who connected a unix socket, as the kernel noted it at connect(2) (unix(7)). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** An in-line call. @throws KernelError on what is no unix socket */
export function peerCredentials(fd: number): PeerCredentials {
  const credentials = new Uint32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  syscall({ name: "getsockopt", number: sys.getsockopt, subject: "SO_PEERCRED" }, fd, SOL_SOCKET, SO_PEERCRED, credentials, length);
  const [pid = 0, uid = 0, gid = 0] = credentials;
  return { pid, uid, gid };
}
