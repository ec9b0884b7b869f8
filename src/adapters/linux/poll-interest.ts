// Lets the event loop look away from a descriptor. Bun accepts whoever comes, and asks again at once when the kernel has no descriptor
// left for them; it has no call that makes it wait. Its epoll entry has the answer: an entry without events stays, and says nothing.
import { arch } from "node:process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

const EPOLL_CTL_MOD = 3;

interface Entry {
  readonly poll: number;
  readonly events: number;
  /** What the loop finds its socket by. */
  readonly data: bigint;
}

/** Until it is disposed the loop does not hear of the descriptor. Undefined for one that no loop of this process listens to. */
export function silence(fd: number): Disposable | undefined {
  const entry = findEntry(fd);
  if (entry === undefined) return undefined;
  change(fd, { ...entry, events: 0 });
  return { [Symbol.dispose]: (): void => change(fd, entry) };
}

/** The number of descriptors that this process may have open. */
export function descriptorLimit(): number {
  const [, soft = "unlimited"] = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === "unlimited" ? Infinity : Number(soft);
}

/** Every epoll of this process lists what it watches (proc_pid_fdinfo(5)). */
function findEntry(fd: number): Entry | undefined {
  for (const name of readdirSync("/proc/self/fd")) {
    if (!pointsToPoll(name)) continue;
    for (const line of readFileSync(`/proc/self/fdinfo/${name}`, "utf8").split("\n")) {
      const [, target, events, data] = /^tfd:\s+(\d+)\s+events:\s+([0-9a-f]+)\s+data:\s+([0-9a-f]+)/.exec(line) ?? [];
      if (Number(target) === fd) return { poll: Number(name), events: Number(`0x${events}`), data: BigInt(`0x${data}`) };
    }
  }
  return undefined;
}

function pointsToPoll(name: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${name}`) === "anon_inode:[eventpoll]";
  } catch {
    return false; // that of the listing itself
  }
}

/** struct epoll_event, which only x86-64 packs (epoll_ctl(2)). */
function change(fd: number, { poll, events, data }: Entry): void {
  const isPacked = arch === "x64";
  const event = new Uint8Array(isPacked ? 12 : 16);
  const view = new DataView(event.buffer);
  view.setUint32(0, events, true);
  view.setBigUint64(isPacked ? 4 : 8, data, true);
  syscall({ name: "epoll_ctl", number: sys.epollCtl, subject: String(fd) }, poll, EPOLL_CTL_MOD, fd, event);
}
