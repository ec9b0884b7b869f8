// What a disk was told, in the order of time: writes with their bytes, and flushes.
import { readSync } from "node:fs";

export const recordHeaderSize = 16;
const kinds = ["write", "flush"] as const;

export interface DiskRecord {
  readonly kind: (typeof kinds)[number];
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Where in the log the next one begins. */
  readonly end: number;
}

export function recordHeader(kind: DiskRecord["kind"], offset: number, length: number): Uint8Array {
  const header = Buffer.alloc(recordHeaderSize);
  header.writeUInt32LE(kinds.indexOf(kind), 0);
  header.writeUInt32LE(length, 4);
  header.writeBigUInt64LE(BigInt(offset), 8);
  return header;
}

/** The records between two positions of an open log. */
export function* readRecords(log: number, from: number, to: number): Generator<DiskRecord> {
  const header = Buffer.alloc(recordHeaderSize);
  for (let at = from; at < to;) {
    readSync(log, header, 0, recordHeaderSize, at);
    const bytes = Buffer.alloc(header.readUInt32LE(4));
    if (bytes.length > 0) readSync(log, bytes, 0, bytes.length, at + recordHeaderSize);
    at += recordHeaderSize + bytes.length;
    const kind = kinds[header.readUInt32LE(0)];
    if (kind === undefined) throw new Error(`no record at ${at} of the log`);
    yield { kind, offset: Number(header.readBigUInt64LE(8)), bytes, end: at };
  }
}
