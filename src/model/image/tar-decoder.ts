// A tar archive as it flows past: bytes are pushed in pieces of any size, entries and their content come out, nothing is kept but one
// block and bounded extensions. Header-only types carry no content whatever their size says, and PAX global records are checked but
// not applied, both as Docker and containerd have it: an image must give the same files here and there.
import { fault } from "#base";
import { byteString, type ByteString } from "./byte-string.ts";
import type { TarEntry, TarEntryType, TarSink } from "./tar-entry.ts";
import { blockSize, brokenTar, isZeroBlock, parseHeader, parseNumber, type TarHeader } from "./tar-header.ts";
import { noXattrs, parsePax, paxNumber, type PaxRecords, paxTime, paxXattrs } from "./tar-pax.ts";
import { checkSparse, oldSparseFragments, paxSparse, type SparseFragment, SparseMapText } from "./tar-sparse.ts";

/** What one header may make us keep in memory, in bytes. */
export const tarLimits = { pax: 1024 * 1024, longName: 64 * 1024, oldSparseFragments: 21 * 1024 } as const;

const types: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  S: "file",
  D: "directory",
};

const noRecords: PaxRecords = new Map();

type Stage = "header" | "extension" | "old sparse map" | "sparse map" | "content" | "padding" | "ended";

/** Decodes one archive into a sink. What the sink throws passes through and ends the decoding. */
export class TarDecoder {
  readonly #sink: TarSink;
  readonly #block = new Uint8Array(blockSize);
  #filled = 0;
  #stage: Stage = "header";
  #offset = 0;
  #zeroBlocks = 0;
  #header: TarHeader | undefined;
  #extension = new Uint8Array(0);
  #records: PaxRecords = noRecords;
  #longName: ByteString | undefined;
  #longLink: ByteString | undefined;
  #fragments: readonly SparseFragment[] = [];
  #mapText: SparseMapText | undefined;
  #sparseSize = 0;
  /** Bytes of the current extension, content or padding still to come. */
  #left = 0;
  #padding = 0;
  #fragment = 0;
  #position = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes. @throws invalid */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#stage !== "ended") at += this.#take(bytes, at);
    this.#offset += bytes.length - at;
  }

  /** The archive has no more bytes. A missing end mark is allowed, as in Docker. @throws invalid "unexpected EOF" in the middle of an entry */
  finish(): void {
    const isBetween = this.#stage === "header" && this.#filled === 0 && !this.#hasExtensions();
    if (this.#stage !== "ended" && !isBetween) throw fault("invalid", "unexpected EOF");
  }

  #take(bytes: Uint8Array, at: number): number {
    if (this.#stage === "content") return this.#takeContent(bytes, at);
    if (this.#stage === "padding") return this.#takePadding(bytes.length - at);
    if (this.#stage === "extension") return this.#takeExtension(bytes, at);
    return this.#takeBlock(bytes, at);
  }

  #takeBlock(bytes: Uint8Array, at: number): number {
    if (this.#filled === 0 && bytes.length - at >= blockSize) {
      this.#offset += blockSize;
      this.#readBlock(bytes, at);
      return blockSize;
    }
    const length = Math.min(blockSize - this.#filled, bytes.length - at);
    this.#block.set(bytes.subarray(at, at + length), this.#filled);
    this.#filled += length;
    this.#offset += length;
    if (this.#filled === blockSize) {
      this.#filled = 0;
      this.#readBlock(this.#block, 0);
    }
    return length;
  }

  #readBlock(bytes: Uint8Array, at: number): void {
    if (this.#stage === "header") this.#readHeader(bytes, at);
    else if (this.#stage === "old sparse map") this.#readOldSparse(bytes, at);
    else this.#readSparseMap(bytes, at);
  }

  #readHeader(bytes: Uint8Array, at: number): void {
    const offset = this.#offset - blockSize;
    if (bytes[at] === 0 && isZeroBlock(bytes, at)) {
      if (this.#hasExtensions()) throw brokenTar("extension without an entry", offset);
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks === 2) this.#stage = "ended";
      return;
    }
    if (this.#zeroBlocks > 0) throw brokenTar("entry behind a block of zeros", offset);
    const header = parseHeader(bytes, at, offset);
    this.#header = header;
    if ("xgXLK".includes(header.flag)) return this.#beginExtension(header, offset);
    if (header.flag !== "S") return this.#beginEntry(header);
    this.#fragments = oldSparseFragments(bytes, { at: at + 386, count: 4, offset });
    this.#sparseSize = parseNumber(bytes, { at: at + 483, length: 12, offset });
    if (bytes[at + 482] === 0) this.#beginEntry(header);
    else this.#stage = "old sparse map";
  }

  #readOldSparse(bytes: Uint8Array, at: number): void {
    const offset = this.#offset - blockSize;
    this.#fragments = [...this.#fragments, ...oldSparseFragments(bytes, { at, count: 21, offset })];
    if (this.#fragments.length > tarLimits.oldSparseFragments) throw brokenTar("sparse map too large", offset);
    if (bytes[at + 504] === 0 && this.#header !== undefined) this.#beginEntry(this.#header);
  }

  #beginExtension(header: TarHeader, offset: number): void {
    const isPax = header.flag !== "L" && header.flag !== "K";
    const limit = isPax ? tarLimits.pax : tarLimits.longName;
    if (header.size < 0 || header.size > limit)
      throw brokenTar(`extended header of ${header.size} bytes, at most ${limit} are read`, offset);
    this.#extension = new Uint8Array(header.size);
    this.#left = header.size;
    this.#padding = paddingOf(header.size);
    this.#stage = "extension";
    if (header.size === 0) this.#endExtension();
  }

  #takeExtension(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#left, bytes.length - at);
    this.#extension.set(bytes.subarray(at, at + length), this.#extension.length - this.#left);
    this.#left -= length;
    this.#offset += length;
    if (this.#left === 0) this.#endExtension();
    return length;
  }

  #endExtension(): void {
    const flag = this.#header?.flag;
    if (flag === "L") this.#longName = untilNul(this.#extension);
    else if (flag === "K") this.#longLink = untilNul(this.#extension);
    else {
      const records = parsePax(this.#extension, this.#offset);
      if (flag !== "g") this.#records = records;
    }
    this.#stage = this.#padding > 0 ? "padding" : "header";
  }

  #beginEntry(header: TarHeader): void {
    const type = types[header.flag];
    if (type === undefined) throw brokenTar(`unhandled tar header type ${JSON.stringify(header.flag)}`, this.#offset - blockSize);
    const stored = paxNumber(this.#records, "size", this.#offset) ?? header.size;
    if (stored < 0) throw brokenTar("negative size", this.#offset);
    const sparse = header.flag === "S" ? { size: this.#sparseSize, map: this.#fragments } : paxSparse(this.#records, this.#offset);
    this.#left = type === "file" && !isFolderName(this.#nameOf(header)) ? stored : 0;
    this.#padding = paddingOf(this.#left);
    if (sparse === undefined || type !== "file") return this.#giveEntry(header, { size: this.#left, fragments: undefined });
    if (sparse.size < 0) throw brokenTar("bad size of a sparse file", this.#offset);
    this.#sparseSize = sparse.size;
    if (sparse.map !== undefined) return this.#giveEntry(header, { size: sparse.size, fragments: sparse.map });
    this.#mapText = new SparseMapText(this.#offset);
    this.#stage = "sparse map";
  }

  #readSparseMap(bytes: Uint8Array, at: number): void {
    this.#left -= blockSize;
    if (this.#left < 0) throw brokenTar("bad sparse map", this.#offset);
    const map = this.#mapText?.push(byteString(bytes, at, at + blockSize));
    if (map !== undefined && this.#header !== undefined) this.#giveEntry(this.#header, { size: this.#sparseSize, fragments: map });
  }

  #giveEntry(header: TarHeader, content: { readonly size: number; readonly fragments: readonly SparseFragment[] | undefined }): void {
    const entry = this.#entryOf(header, content);
    if (content.fragments !== undefined) checkSparse(content.fragments, { size: content.size, stored: this.#left }, this.#offset);
    this.#fragments = content.fragments ?? [];
    this.#fragment = 0;
    this.#position = content.fragments === undefined ? 0 : (content.fragments[0]?.position ?? 0);
    this.#records = noRecords;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#sink.entry(entry);
    this.#stage = "content";
    if (this.#left === 0) this.#endContent();
  }

  #entryOf(header: TarHeader, content: { readonly size: number; readonly fragments: readonly SparseFragment[] | undefined }): TarEntry {
    const records = this.#records;
    const name = this.#nameOf(header);
    const type = types[header.flag] ?? "file";
    return {
      type: type === "file" && isFolderName(name) ? "directory" : type,
      name,
      linkName: nonEmpty(records.get("linkpath")) ?? this.#longLink ?? header.linkName,
      mode: header.mode,
      uid: paxNumber(records, "uid", this.#offset) ?? header.uid,
      gid: paxNumber(records, "gid", this.#offset) ?? header.gid,
      size: content.size,
      mtime: paxTime(records, "mtime", this.#offset) ?? { seconds: header.mtime, nanos: 0 },
      major: header.major,
      minor: header.minor,
      xattrs: records === noRecords ? noXattrs : paxXattrs(records),
      sparse: content.fragments !== undefined,
      offset: this.#offset,
    };
  }

  #nameOf(header: TarHeader): ByteString {
    return nonEmpty(this.#records.get("GNU.sparse.name")) ?? nonEmpty(this.#records.get("path")) ?? this.#longName ?? header.name;
  }

  #hasExtensions(): boolean {
    return this.#records !== noRecords || this.#longName !== undefined || this.#longLink !== undefined;
  }

  #takeContent(bytes: Uint8Array, at: number): number {
    let length = Math.min(this.#left, bytes.length - at);
    const fragment = this.#fragments[this.#fragment];
    if (fragment !== undefined) {
      const rest = fragment.position + fragment.length - this.#position;
      if (rest === 0) {
        this.#fragment += 1;
        this.#position = this.#fragments[this.#fragment]?.position ?? 0;
        return 0;
      }
      length = Math.min(length, rest);
    }
    this.#sink.content(bytes.subarray(at, at + length), this.#position);
    this.#position += length;
    this.#left -= length;
    this.#offset += length;
    if (this.#left === 0) this.#endContent();
    return length;
  }

  #endContent(): void {
    this.#fragments = [];
    this.#sink.entryEnd();
    this.#stage = this.#padding > 0 ? "padding" : "header";
  }

  #takePadding(available: number): number {
    const length = Math.min(this.#padding, available);
    this.#padding -= length;
    this.#offset += length;
    if (this.#padding === 0) this.#stage = "header";
    return length;
  }
}

/** Writers before ustar marked a directory by a slash at the end of a file's name. */
function isFolderName(name: ByteString): boolean {
  return name.endsWith("/");
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function untilNul(bytes: Uint8Array): ByteString {
  const end = bytes.indexOf(0);
  return byteString(bytes, 0, end === -1 ? bytes.length : end);
}

function nonEmpty(text: ByteString | undefined): ByteString | undefined {
  return text === "" ? undefined : text;
}
