// A file system of one file, served over /dev/fuse by this process: `bun recorded-disk-server.ts IMAGE TARGET LOG`. What a loop device on that file
// writes and flushes is written down in the order of time, so that a test can make what a power cut would have left at any instant.
// Protocol: linux/fuse.h, version 7.31.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { recordHeader, recordHeaderSize } from "./recorded-disk-log.ts";

const [, , imagePath = "", target = "", logPath = ""] = process.argv;

const { symbols: libc } = dlopen("libc.so.6", {
  mount: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
});
const opcodes = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  open: 14,
  read: 15,
  write: 16,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
} as const;
const inHeader = 40;
const maxWrite = 128 * 1024;
const rootNode = 1n;
const fileNode = 2n;
const notThere = -2;
const notKnown = -38;

const image = openSync(imagePath, "r+");
const log = openSync(logPath, "w");
const fuse = openSync("/dev/fuse", "r+");
const { size: imageSize } = fstatSync(image);

const cString = (text: string): Buffer => Buffer.from(`${text}\0`);
const options = cString(`fd=${fuse},rootmode=40000,user_id=0,group_id=0`);
if (libc.mount(ptr(cString("recorded")), ptr(cString(target)), ptr(cString("fuse")), 0, ptr(options)) !== 0)
  throw new Error("mount(2) of fuse");

/** struct fuse_attr */
function attributes(node: bigint): Buffer {
  const attr = Buffer.alloc(88);
  attr.writeBigUInt64LE(node, 0);
  attr.writeBigUInt64LE(node === rootNode ? 0n : BigInt(imageSize), 8);
  attr.writeUInt32LE(node === rootNode ? constants.S_IFDIR | 0o700 : constants.S_IFREG | 0o600, 60);
  attr.writeUInt32LE(1, 64);
  attr.writeUInt32LE(4096, 80);
  return attr;
}

function record(kind: "write" | "flush", offset: number, bytes: Uint8Array): void {
  writeSync(log, Buffer.concat([recordHeader(kind, offset, bytes.length), bytes]));
}

function initialized(): Buffer {
  const reply = Buffer.alloc(64);
  reply.writeUInt32LE(7, 0);
  reply.writeUInt32LE(31, 4);
  reply.writeUInt32LE(maxWrite, 8);
  reply.writeUInt32LE(maxWrite, 20);
  reply.writeUInt32LE(1, 24);
  return reply;
}

/** What is answered: bytes, an error, or nothing at all. */
function answer(opcode: number, node: bigint, body: Buffer): Buffer | number | undefined {
  switch (opcode) {
    case opcodes.init:
      return initialized();
    case opcodes.lookup: {
      if (body.toString("utf8", 0, body.indexOf(0)) !== "disk") return notThere;
      const entry = Buffer.alloc(40);
      entry.writeBigUInt64LE(fileNode, 0);
      entry.writeBigUInt64LE(1000n, 16);
      entry.writeBigUInt64LE(1000n, 24);
      return Buffer.concat([entry, attributes(fileNode)]);
    }
    case opcodes.getattr:
    case opcodes.setattr: {
      const valid = Buffer.alloc(16);
      valid.writeBigUInt64LE(1000n, 0);
      return Buffer.concat([valid, attributes(node)]);
    }
    case opcodes.open:
      return Buffer.alloc(16);
    case opcodes.read: {
      const bytes = Buffer.alloc(body.readUInt32LE(16));
      return bytes.subarray(0, readSync(image, bytes, 0, bytes.length, Number(body.readBigUInt64LE(8))));
    }
    case opcodes.write: {
      const offset = Number(body.readBigUInt64LE(8));
      const bytes = body.subarray(40, 40 + body.readUInt32LE(16));
      record("write", offset, bytes);
      for (let done = 0; done < bytes.length;) done += writeSync(image, bytes, done, bytes.length - done, offset + done);
      const reply = Buffer.alloc(8);
      reply.writeUInt32LE(bytes.length, 0);
      return reply;
    }
    case opcodes.fsync:
      record("flush", 0, new Uint8Array());
      return 0;
    case opcodes.flush:
    case opcodes.release:
    case opcodes.destroy:
      return 0;
    case opcodes.forget:
    case opcodes.batchForget:
    case opcodes.interrupt:
      return undefined;
    default:
      return notKnown;
  }
}

const request = Buffer.alloc(maxWrite + 8192);
process.stdout.write(`${recordHeaderSize}\n`);
for (;;) {
  let length: number;
  try {
    length = readSync(fuse, request);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EINTR" || code === "EAGAIN") continue;
    // Unmounted.
    if (code === "ENODEV") break;
    throw error;
  }
  const unique = request.readBigUInt64LE(8);
  const reply = answer(request.readUInt32LE(4), request.readBigUInt64LE(16), request.subarray(inHeader, length));
  if (reply === undefined) continue;
  const bytes = typeof reply === "number" ? Buffer.alloc(0) : reply;
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + bytes.length, 0);
  header.writeInt32LE(typeof reply === "number" ? reply : 0, 4);
  header.writeBigUInt64LE(unique, 8);
  writeSync(fuse, Buffer.concat([header, bytes]));
}
