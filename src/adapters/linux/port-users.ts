// Which process has a port of the host: /proc/net tells the socket's inode, /proc/PID/fd who has it open. In a worker: it reads much of /proc.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process, by the name that it gave itself. */
export interface PortUser {
  readonly pid: number;
  readonly program: string;
}

/** TCP sockets that listen (TCP_LISTEN), UDP sockets that are bound (TCP_CLOSE). */
const states = { tcp: "0A", udp: "07" } as const;

/** The process that listens on a port, whatever the address; undefined where none is seen: it may have ended, or only be bound. */
function findPortUser(protocol: "tcp" | "udp", port: number): PortUser | undefined {
  const wanted = new Set(["", "6"].flatMap((version) => socketsOn(`/proc/net/${protocol}${version}`, port, states[protocol])));
  if (wanted.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!linksOf(`/proc/${pid}/fd`).some((link) => wanted.has(link))) continue;
    return { pid: Number(pid), program: attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim()) ?? "a process" };
  }
  return undefined;
}

export const portUserCalls = { findPortUser };

/** proc_net_tcp(5): local address and port, remote address, state and, as the tenth word, the inode. */
function socketsOn(path: string, port: number, state: string): readonly string[] {
  const lines = attempt(() => readFileSync(path, "utf8"))?.split("\n") ?? [];
  return lines.flatMap((line) => {
    const [, local = "", , status, , , , , , inode] = line.trim().split(/\s+/);
    return status === state && Number.parseInt(local.split(":")[1] ?? "", 16) === port ? [`socket:[${inode}]`] : [];
  });
}

function linksOf(folder: string): readonly string[] {
  return (attempt(() => readdirSync(folder)) ?? []).map((name) => attempt(() => readlinkSync(`${folder}/${name}`)) ?? "");
}

/** Processes and their descriptors come and go while they are looked at. */
function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
