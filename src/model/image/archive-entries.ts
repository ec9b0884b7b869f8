// Reads the tar around an image: a handful of files with plain names. The layers inside are unpacked by another reader with
// another task (owners, devices, whiteouts, sparse files); this one only finds names and bytes, and refuses what it does not know.
import { fault } from "#base";
import type { ByteSource } from "./byte-source.ts";

const block = 512;
/** Bytes of a pax header or GNU long name that are read at most. */
const maxExtension = 1024 * 1024;
const maxEntries = 20_000;

/** One entry; `body` is read before the next entry is asked for, what it leaves is skipped. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: "file" | "link" | "symlink" | "other";
  readonly size: number;
  /** Target of a link as the archive writes it. */
  readonly linkName: string;
  readonly body: ReadableStream<Uint8Array>;
}

interface Header {
  readonly name: string;
  readonly linkName: string;
  readonly size: number;
  readonly flag: string;
}

/** Entries of an uncompressed tar in their order (POSIX.1-2017 pax, "ustar" and "pax" formats; GNU long names). @throws invalid */
export async function* readArchiveEntries(source: ByteSource): AsyncGenerator<ArchiveEntry> {
  let extended: Partial<Header> = {};
  for (let count = 0; ;) {
    const header = readHeader(await source.exactly(block));
    if (header === undefined) return;
    count += 1;
    if (count > maxEntries) throw fault("invalid", `archive has more than ${maxEntries} entries`);
    if ("xgLK".includes(header.flag)) {
      const bytes = await readExtension(source, header.size);
      if (header.flag === "x") extended = { ...extended, ...parsePax(bytes) };
      if (header.flag === "L") extended = { ...extended, name: untilNul(bytes) };
      if (header.flag === "K") extended = { ...extended, linkName: untilNul(bytes) };
      continue;
    }
    const { name, linkName, size, flag } = { ...header, ...extended };
    extended = {};
    const type = typeOf(flag);
    const body = new EntryBody(source, "123456".includes(flag) ? 0 : size);
    yield { name, type, size: type === "file" ? size : 0, linkName, body: body.stream() };
    await body.skip();
  }
}

/** The bytes of one entry and the padding behind it. */
class EntryBody {
  readonly #source: ByteSource;
  readonly #padding: number;
  #left: number;

  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.#left = size;
    this.#padding = (block - (size % block)) % block;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const piece = await this.#next();
          if (piece === undefined) controller.close();
          else controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
  }

  async skip(): Promise<void> {
    while ((await this.#next()) !== undefined);
    await this.#source.exactly(this.#padding);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#left === 0) return undefined;
    const piece = await this.#source.some(this.#left);
    if (piece === undefined) throw fault("invalid", "unexpected EOF");
    this.#left -= piece.length;
    return piece;
  }
}

function readHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes.length < block) throw fault("invalid", "unexpected EOF");
  if (bytes.every((byte) => byte === 0)) return undefined;
  if (readOctal(bytes, 148, 8) !== checksum(bytes)) throw fault("invalid", "archive/tar: invalid tar header");
  const isUstar = untilNul(bytes.subarray(257, 263)).startsWith("ustar");
  const prefix = isUstar && bytes[262] === 0 ? untilNul(bytes.subarray(345, 500)) : "";
  const name = untilNul(bytes.subarray(0, 100));
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: untilNul(bytes.subarray(157, 257)),
    size: readSize(bytes),
    flag: String.fromCharCode(bytes[156] ?? 0),
  };
}

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

function readSize(bytes: Uint8Array): number {
  if (((bytes[124] ?? 0) & 0x80) === 0) return readOctal(bytes, 124, 12);
  let size = (bytes[124] ?? 0) & 0x7f;
  for (let index = 125; index < 136; index += 1) size = size * 256 + (bytes[index] ?? 0);
  if (!Number.isSafeInteger(size)) throw fault("invalid", "archive/tar: invalid tar header");
  return size;
}

function readOctal(bytes: Uint8Array, offset: number, length: number): number {
  const text = untilNul(bytes.subarray(offset, offset + length)).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw fault("invalid", "archive/tar: invalid tar header");
  return Number.parseInt(text, 8);
}

async function readExtension(source: ByteSource, size: number): Promise<Uint8Array> {
  if (size > maxExtension) throw fault("invalid", `archive has a header of more than ${maxExtension} bytes`);
  const bytes = await source.exactly(size);
  if (bytes.length < size) throw fault("invalid", "unexpected EOF");
  await source.exactly((block - (size % block)) % block);
  return bytes;
}

/** Records "LENGTH KEY=VALUE\n"; only what finds an entry is kept. */
function parsePax(bytes: Uint8Array): Partial<Header> {
  const found: { name?: string; linkName?: string; size?: number } = {};
  for (let offset = 0; offset < bytes.length;) {
    const space = bytes.indexOf(0x20, offset);
    const length = Number(new TextDecoder().decode(bytes.subarray(offset, Math.max(space, offset))));
    if (space === -1 || !Number.isInteger(length) || length <= space - offset || offset + length > bytes.length)
      throw fault("invalid", "archive/tar: invalid tar header");
    const record = new TextDecoder().decode(bytes.subarray(space + 1, offset + length - 1));
    const equals = record.indexOf("=");
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (key === "path") found.name = value;
    if (key === "linkpath") found.linkName = value;
    if (key === "size") found.size = paxSize(value);
    if (key.startsWith("GNU.sparse.")) throw fault("invalid", "sparse files do not belong in an image archive");
    offset += length;
  }
  return found;
}

function paxSize(value: string): number {
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw fault("invalid", "archive/tar: invalid tar header");
  return size;
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function typeOf(flag: string): ArchiveEntry["type"] {
  if (flag === "0" || flag === "\0" || flag === "7") return "file";
  if (flag === "1") return "link";
  return flag === "2" ? "symlink" : "other";
}
