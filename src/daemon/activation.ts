// Sockets that the supervisor opened and keeps (sd_listen_fds(3)): they are there before the daemon, and stay when it goes.
import { fault } from "#base";
import { closeOnExec } from "#linux";

/** A listening socket that was handed over. */
export interface InheritedSocket {
  readonly fd: number;
  /** FileDescriptorName= of its unit; "unknown" where nobody said one. */
  readonly name: string;
}

const firstFd = 3;

/** The sockets meant for this process; programs that it starts do not get them. @throws invalid for a count that is none */
export function inheritedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): readonly InheritedSocket[] {
  const { LISTEN_FDS: count, LISTEN_PID: meant, LISTEN_FDNAMES: names = "" } = env;
  if (count === undefined || meant !== String(pid)) return [];
  if (!/^\d{1,4}$/.test(count)) throw fault("invalid", `LISTEN_FDS=${count}: must be a number of sockets`);
  const named = names.split(":");
  return Array.from({ length: Number(count) }, (_, index) => {
    const fd = firstFd + index;
    closeOnExec(fd);
    return { fd, name: named[index] || "unknown" };
  });
}
