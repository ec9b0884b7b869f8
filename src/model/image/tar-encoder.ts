// Writes an archive: ustar where everything fits, a PAX header before the entry where it does not (IEEE 1003.1).
import { byteStringOfText, bytesOf, type ByteString } from "./byte-string.ts";
import type { TarEntryType, TarTime } from "./tar-entry.ts";
import { blockSize } from "./tar-header.ts";

/** What an entry is written from; whatever is left away is zero or empty, mode 0644 or 0755. */
export interface TarMember {
  readonly type: TarEntryType;
  readonly name: ByteString;
  readonly linkName?: ByteString;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Bytes of content that follow; files only. */
  readonly size?: number;
  readonly mtime?: TarTime;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs?: ReadonlyMap<ByteString, ByteString>;
}

const flags: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** The header blocks of an entry; its content and `tarPadding` of it follow. */
export function tarHeader(member: TarMember): Uint8Array<ArrayBuffer> {
  const records = paxRecordsOf(member);
  const header = ustarBlock(member);
  if (records.length === 0) return header;
  const body = records.map(([key, value]) => paxRecord(key, value)).join("");
  return joined([
    ustarBlock({ type: "file", name: "PaxHeaders/0", size: body.length }, "x"),
    bytesOf(body),
    tarPadding(body.length),
    header,
  ]);
}

/** Zeros that fill the last block of content of this size. */
export function tarPadding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((blockSize - (size % blockSize)) % blockSize);
}

/** The two blocks of zeros that end an archive. */
export function tarEnd(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * blockSize);
}

function paxRecordsOf(member: TarMember): readonly (readonly [string, ByteString])[] {
  const records: (readonly [string, ByteString])[] = [];
  if (splitName(member.name) === undefined) records.push(["path", member.name]);
  if ((member.linkName ?? "").length > 100) records.push(["linkpath", member.linkName ?? ""]);
  if (!fitsOctal(member.size ?? 0, 11)) records.push(["size", String(member.size)]);
  if (!fitsOctal(member.uid ?? 0, 7)) records.push(["uid", String(member.uid)]);
  if (!fitsOctal(member.gid ?? 0, 7)) records.push(["gid", String(member.gid)]);
  const mtime = member.mtime ?? { seconds: 0, nanos: 0 };
  if (mtime.nanos !== 0 || !fitsOctal(mtime.seconds, 11)) records.push(["mtime", paxTimeText(mtime)]);
  for (const [name, value] of member.xattrs ?? []) records.push([`SCHILY.xattr.${name}`, value]);
  return records;
}

function paxTimeText({ seconds, nanos }: TarTime): string {
  if (nanos === 0) return String(seconds);
  const fraction = (seconds < 0 ? 1_000_000_000 - nanos : nanos).toString().padStart(9, "0").replace(/0+$/, "");
  return seconds < 0 ? `-${-seconds - 1}.${fraction}` : `${seconds}.${fraction}`;
}

/** The length at the front counts itself. */
function paxRecord(key: string, value: ByteString): ByteString {
  const rest = ` ${byteStringOfText(key)}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function fitsOctal(value: number, digits: number): boolean {
  return value >= 0 && value < 8 ** digits;
}

/** A name as ustar's prefix and name, or undefined when it fits neither way. */
function splitName(name: ByteString): { readonly prefix: ByteString; readonly name: ByteString } | undefined {
  if (name.length <= 100) return { prefix: "", name };
  for (let slash = name.indexOf("/", name.length - 101); slash !== -1 && slash <= 155; slash = name.indexOf("/", slash + 1)) {
    if (slash > 0 && slash < name.length - 1) return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
  }
  return undefined;
}

function ustarBlock(member: TarMember, flag = flags[member.type]): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(blockSize);
  const put = (at: number, text: ByteString): void => block.set(bytesOf(text), at);
  const octal = (at: number, length: number, value: number): void => {
    put(at, (fitsOctal(value, length - 1) ? value : 0).toString(8).padStart(length - 1, "0"));
  };
  const { prefix, name } = splitName(member.name) ?? { prefix: "", name: member.name.slice(0, 100) };
  put(0, name);
  octal(100, 8, member.mode ?? (member.type === "directory" ? 0o755 : 0o644));
  octal(108, 8, member.uid ?? 0);
  octal(116, 8, member.gid ?? 0);
  octal(124, 12, member.size ?? 0);
  octal(136, 12, member.mtime?.seconds ?? 0);
  put(156, flag);
  put(157, (member.linkName ?? "").slice(0, 100));
  put(257, "ustar\x0000");
  octal(329, 8, member.major ?? 0);
  octal(337, 8, member.minor ?? 0);
  put(345, prefix);
  block.fill(0x20, 148, 156);
  put(
    148,
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0`,
  );
  return block;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
