// PAX extended headers (IEEE 1003.1, pax, "pax Extended Header"): records "LENGTH KEY=VALUE\n" whose values may be any bytes.
import { byteString, type ByteString } from "./byte-string.ts";
import type { TarTime } from "./tar-entry.ts";
import { brokenTar } from "./tar-header.ts";

/** Records of one header. The pairs of GNU sparse format 0.0, whose keys repeat, are gathered under "GNU.sparse.map". */
export type PaxRecords = ReadonlyMap<string, ByteString>;

const sparsePairs = new Set(["GNU.sparse.offset", "GNU.sparse.numbytes"]);
const withoutNul = new Set(["path", "linkpath", "GNU.sparse.name"]);

/** Reads all records. @throws invalid */
export function parsePax(bytes: Uint8Array, offset: number): PaxRecords {
  const records = new Map<string, ByteString>();
  const pairs: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { key, value, end } = parseRecord(bytes, at, offset);
    if (sparsePairs.has(key)) pairs.push(value);
    else records.set(key, value);
    at = end;
  }
  if (pairs.length > 0) records.set("GNU.sparse.map", pairs.join(","));
  return records;
}

function parseRecord(
  bytes: Uint8Array,
  at: number,
  offset: number,
): { readonly key: string; readonly value: ByteString; readonly end: number } {
  const blank = bytes.indexOf(0x20, at);
  const length = blank === -1 || blank - at > 8 ? "" : byteString(bytes, at, blank);
  const end = at + Number(length);
  if (!/^[1-9]\d*$/.test(length) || end > bytes.length || bytes[end - 1] !== 0x0a) throw brokenTar("bad pax record", offset);
  const equals = bytes.indexOf(0x3d, blank);
  if (equals <= blank + 1 || equals >= end) throw brokenTar("bad pax record", offset);
  const key = byteString(bytes, blank + 1, equals);
  const value = byteString(bytes, equals + 1, end - 1);
  if (key.includes("\0") || (withoutNul.has(key) && value.includes("\0"))) throw brokenTar("NUL in a pax record", offset);
  return { key, value, end };
}

/** A decimal number of a record, undefined when the record is absent or empty. @throws invalid */
export function paxNumber(records: PaxRecords, key: string, offset: number): number | undefined {
  const text = records.get(key);
  if (text === undefined || text === "") return undefined;
  const value = /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw brokenTar(`bad pax ${key}`, offset);
  return value;
}

/** A time of a record: decimal seconds with a fraction, kept to nanoseconds. @throws invalid */
export function paxTime(records: PaxRecords, key: string, offset: number): TarTime | undefined {
  const text = records.get(key);
  if (text === undefined || text === "") return undefined;
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (match === null) throw brokenTar(`bad pax ${key}`, offset);
  const whole = Number(match[2]);
  const nanos = Number((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (match[1] !== "-") return { seconds: whole, nanos };
  return nanos === 0 ? { seconds: 0 - whole, nanos: 0 } : { seconds: -whole - 1, nanos: 1_000_000_000 - nanos };
}

const xattrPrefix = "SCHILY.xattr.";

/** The extended attributes that records carry, by name. */
export function paxXattrs(records: PaxRecords): ReadonlyMap<ByteString, ByteString> {
  let xattrs: Map<ByteString, ByteString> | undefined;
  for (const [key, value] of records) {
    if (key.startsWith(xattrPrefix)) (xattrs ??= new Map<ByteString, ByteString>()).set(key.slice(xattrPrefix.length), value);
  }
  return xattrs ?? noXattrs;
}

/** Shared by all entries without attributes. */
export const noXattrs: ReadonlyMap<ByteString, ByteString> = new Map();
