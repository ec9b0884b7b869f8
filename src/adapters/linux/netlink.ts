// Netlink (netlink(7)): messages built from attributes, sent as one batch, answered before the send returns.
// Used inside kernel workers: a configuring request may wait for the kernel's network lock, which others hold for milliseconds.
import { KernelError } from "./kernel-error.ts";
import { syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const MSG_DONTWAIT = 0x40;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_DUMP_INTR = 0x10;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
const headerLength = 16;
const EAGAIN = 11;
const EINTR = 4;

/** A dump of a thousand links takes some milliseconds; that each of so many is interrupted says that something else is wrong. */
const dumpAttempts = 100;

export const netlinkFamily = { route: 0, netfilter: 12 } as const;
export const flag = {
  request: 0x1,
  ack: 0x4,
  root: 0x100,
  replace: 0x100,
  dump: 0x300,
  excl: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

/** One request: `subject` is what it is about, for errors. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
  readonly subject: string;
}

/** One answer: what stands behind the netlink header. */
export interface NetlinkAnswer {
  readonly type: number;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** A number as the network writes it, in `length` bytes. */
export function bigEndian(value: number, length: 2 | 4): Uint8Array {
  const bytes = [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  return new Uint8Array(bytes.slice(4 - length));
}

/** Text with a closing NUL. */
export function zeroTerminated(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}

/** Text up to its closing NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** One attribute, padded to four bytes. */
export function attribute(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(payload.length + 4));
  new DataView(bytes.buffer).setUint16(0, payload.length + 4, true);
  new DataView(bytes.buffer).setUint16(2, type, true);
  bytes.set(payload, 4);
  return bytes;
}

/** An attribute that holds attributes. */
export function nested(type: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  return attribute(type | NLA_F_NESTED, joinBytes(attributes));
}

/** Attributes by type; of a type that comes twice the last one. */
export function readAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  return new Map(listAttributes(bytes));
}

/** Attributes in their order, for lists of one type. */
export function listAttributes(bytes: Uint8Array): (readonly [type: number, payload: Uint8Array])[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: (readonly [number, Uint8Array])[] = [];
  for (let offset = 0; offset + 4 <= bytes.length;) {
    const length = view.getUint16(offset, true);
    if (length < 4 || offset + length > bytes.length) break;
    found.push([view.getUint16(offset + 2, true) & NLA_TYPE_MASK, bytes.subarray(offset + 4, offset + length)]);
    offset += aligned(length);
  }
  return found;
}

/** A socket to be kept open over several `NetlinkSocket`s; the caller closes it. In line. @throws KernelError */
export function openNetlink(family: number): number {
  return syscall({ name: "socket", number: sys.socket, subject: "netlink" }, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
}

/** netlink(7) socket of the namespace that the thread is in, or one that was made inside another. Dispose closes it. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(64 * 1024);
  /** Starts anywhere, so that an answer to an earlier user of the descriptor is not taken for one of ours. */
  #sequence = Math.floor(Math.random() * 2 ** 30);

  constructor(fd: number) {
    this.#fd = fd;
    // Batches and their answers may be larger than the default of 208 KiB; the calls fail only for who may not configure anyway.
    for (const option of [SO_SNDBUFFORCE, SO_RCVBUFFORCE]) syscallRaw(sys.setsockopt, fd, SOL_SOCKET, option, u32(8 << 20), 4);
    syscallRaw(sys.setsockopt, fd, SOL_NETLINK, NETLINK_CAP_ACK, u32(1), 4);
  }

  static open(family: number): NetlinkSocket {
    return new NetlinkSocket(openNetlink(family));
  }

  [Symbol.dispose](): void {
    syscallRaw(sys.close, this.#fd);
  }

  /**
   * Sends all messages at once and gives what they answered. Each is carried out, also behind one that failed.
   * @throws KernelError of the first that failed
   */
  request(messages: readonly NetlinkMessage[]): NetlinkAnswer[] {
    const acknowledged = messages.map((message) => ({ ...message, flags: message.flags | flag.ack }));
    return this.#exchange(acknowledged, acknowledged.length);
  }

  /** A batch of nfnetlink: `messages` take effect together or not at all; begin and end are the caller's. @throws KernelError */
  transact(begin: NetlinkMessage, messages: readonly NetlinkMessage[], end: NetlinkMessage): void {
    const last = messages.length - 1;
    const middle = messages.map((message, index) => (index === last ? { ...message, flags: message.flags | flag.ack } : message));
    this.#exchange([begin, ...middle, end], last + 2);
  }

  /** Everything that a dump request answers, asked anew while the table changes. @throws KernelError; EINTR when it never stands still */
  dump(message: NetlinkMessage): NetlinkAnswer[] {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#exchange([{ ...message, flags: message.flags | flag.dump }], 1);
      } catch (error) {
        if (attempt === dumpAttempts || !(error instanceof KernelError) || error.errno !== EINTR) throw error;
      }
    }
  }

  /** Sends, then reads until the message with the number `awaited` (from 1) is acknowledged. */
  #exchange(messages: readonly NetlinkMessage[], awaited: number): NetlinkAnswer[] {
    const first = this.#sequence + 1;
    this.#sequence += messages.length;
    const bytes = joinBytes(messages.map((message, index) => encodeMessage(message, first + index)));
    syscall({ name: "sendto", number: sys.sendto, subject: "netlink" }, this.#fd, bytes, bytes.length, 0, 0, 0);
    const answers: NetlinkAnswer[] = [];
    let failure: KernelError | undefined;
    for (let done = false; !done;) {
      for (const { type, flags, sequence, body } of this.#receive()) {
        const index = sequence - first;
        if (index < 0 || index >= messages.length) continue;
        const subject = messages[index]?.subject ?? "netlink";
        if (flags & NLM_F_DUMP_INTR) failure ??= new KernelError("netlink", EINTR, subject);
        if (type === NLMSG_ERROR || type === NLMSG_DONE) {
          const error = body.length >= 4 ? -new DataView(body.buffer, body.byteOffset).getInt32(0, true) : 0;
          if (error !== 0) failure ??= new KernelError("netlink", error, subject);
          done ||= index === awaited - 1;
        } else {
          answers.push({ type, body: body.slice() });
        }
      }
    }
    if (failure !== undefined) throw failure;
    return answers;
  }

  /** One datagram's messages. The kernel answers inside the send, so there is something to read or there never will be. */
  #receive(): { type: number; flags: number; sequence: number; body: Uint8Array }[] {
    const what = { name: "recvfrom", number: sys.recvfrom, subject: "netlink" };
    let length = syscallRaw(sys.recvfrom, this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT, 0, 0);
    if (length === -EINTR) length = syscall(what, this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT, 0, 0);
    if (length < 0) throw new KernelError(what.name, length === -EAGAIN ? EAGAIN : -length, what.subject);
    const view = new DataView(this.#buffer.buffer, 0, length);
    const messages = [];
    for (let offset = 0; offset + headerLength <= length;) {
      const size = view.getUint32(offset, true);
      if (size < headerLength || offset + size > length) break;
      messages.push({
        type: view.getUint16(offset + 4, true),
        flags: view.getUint16(offset + 6, true),
        sequence: view.getUint32(offset + 8, true),
        body: this.#buffer.subarray(offset + headerLength, offset + size),
      });
      offset += aligned(size);
    }
    return messages;
  }
}

function encodeMessage(message: NetlinkMessage, sequence: number): Uint8Array {
  const bytes = new Uint8Array(aligned(headerLength + message.body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength + message.body.length, true);
  view.setUint16(4, message.type, true);
  view.setUint16(6, message.flags | flag.request, true);
  view.setUint32(8, sequence, true);
  bytes.set(message.body, headerLength);
  return bytes;
}
