/** Who is at the other end of a connection: made once when it is accepted, and handed to every verb that it calls. */
export type Caller =
  /** Over a unix socket, as the kernel tells it (SO_PEERCRED): the process that connected, not one that it passed the socket to. */
  | { readonly kind: "peer"; readonly uid: number; readonly gid: number; readonly pid: number }
  /** Over TLS, with a certificate that our authority signed. */
  | { readonly kind: "tls"; readonly subject: string; readonly address: string }
  /** Over plain TCP on a loopback address, where an administrator asked for that in so many words. */
  | { readonly kind: "loopback"; readonly address: string }
  | { readonly kind: "in-process" };

/** A caller in one line, for logs and refusals. */
export function describeCaller(caller: Caller): string {
  switch (caller.kind) {
    case "peer":
      return `uid=${caller.uid} gid=${caller.gid} pid=${caller.pid}`;
    case "tls":
      return `${caller.subject} from ${caller.address}`;
    case "loopback":
      return caller.address;
    case "in-process":
      return caller.kind;
    default:
      return caller satisfies never;
  }
}
