// Reads the tar around an image: a handful of files with plain names. The layers inside are unpacked by another reader with
// another task (owners, devices, whiteouts, sparse files); this one only finds names and bytes, and refuses what it does not know.
import { fault } from "#base";
import type { ByteSource } from "./byte-source.ts";
import { bytesOf, type ByteString } from "./byte-string.ts";
import { blockSize, brokenTar, isZeroBlock, parseHeader, type TarHeader } from "./tar-header.ts";
import { paxNumber, parsePax } from "./tar-pax.ts";

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

/** What extension headers said about the entry behind them. */
interface Extended {
  readonly name?: string;
  readonly linkName?: string;
  readonly size?: number;
}

/** Entries of an uncompressed tar in their order (IEEE 1003.1, ustar and pax; GNU long names). @throws invalid */
export async function* readArchiveEntries(source: ByteSource): AsyncGenerator<ArchiveEntry> {
  let extended: Extended = {};
  for (let count = 0; ; count += 1) {
    if (count > maxEntries) throw fault("invalid", `archive has more than ${maxEntries} entries`);
    const header = await readHeader(source);
    if (header === undefined) return;
    if ("xgLK".includes(header.flag)) {
      extended = { ...extended, ...(await readExtension(source, header)) };
      continue;
    }
    const { name = textOf(header.name), linkName = textOf(header.linkName), size: stated = header.size } = extended;
    extended = {};
    const size = "123456".includes(header.flag) ? 0 : stated;
    if (size < 0) throw brokenTar("bad size", source.offset);
    const body = new EntryBody(source, size);
    yield { name, type: types[header.flag] ?? "other", size, linkName, body: body.stream() };
    await body.skip();
  }
}

const types: Readonly<Record<string, ArchiveEntry["type"]>> = { "0": "file", "1": "link", "2": "symlink" };

/** The bytes of one entry and the padding behind it. */
class EntryBody {
  readonly #source: ByteSource;
  readonly #padding: number;
  #left: number;

  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.#left = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
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

async function readHeader(source: ByteSource): Promise<TarHeader | undefined> {
  const offset = source.offset;
  const bytes = await source.exactly(blockSize);
  if (bytes.length === 0) return undefined;
  if (bytes.length < blockSize) throw fault("invalid", "unexpected EOF");
  return isZeroBlock(bytes, 0) ? undefined : parseHeader(bytes, 0, offset);
}

async function readExtension(source: ByteSource, { flag, size }: TarHeader): Promise<Extended> {
  const offset = source.offset;
  if (size < 0 || size > maxExtension) throw brokenTar(`extension of ${size} bytes`, offset);
  const bytes = await source.exactly(size);
  if (bytes.length < size) throw fault("invalid", "unexpected EOF");
  await source.exactly((blockSize - (size % blockSize)) % blockSize);
  if (flag === "L") return { name: untilNul(bytes) };
  if (flag === "K") return { linkName: untilNul(bytes) };
  const records = parsePax(bytes, offset);
  if (flag === "g") return {};
  for (const key of records.keys()) if (key.startsWith("GNU.sparse.")) throw fault("invalid", "image archive holds a sparse file");
  const name = records.get("path");
  const linkName = records.get("linkpath");
  const stated = paxNumber(records, "size", offset);
  return {
    ...(name !== undefined && { name: textOf(name) }),
    ...(linkName !== undefined && { linkName: textOf(linkName) }),
    ...(stated !== undefined && { size: stated }),
  };
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function textOf(bytes: ByteString): string {
  return new TextDecoder().decode(bytesOf(bytes));
}
