// Just enough of zip (APPNOTE 4.3) to read a small archive: the directory at its end, and files that are stored or deflated.
import { inflateRawSync } from "node:zlib";
import type { ArchivedFile } from "./archive.ts";

const endMark = 0x06054b50;
const directoryMark = 0x02014b50;
const fileMark = 0x04034b50;
const endSize = 22;
const directorySize = 46;
const fileHeaderSize = 30;

export function isZip(archive: Uint8Array): boolean {
  return archive.length >= 4 && new DataView(archive.buffer, archive.byteOffset).getUint32(0, true) === fileMark;
}

/** Files of an archive, folders left out. @throws Error when it is broken, or holds more than `limit` bytes */
export function readZip(archive: Uint8Array, limit: number): readonly ArchivedFile[] {
  try {
    return readDirectory(Buffer.from(archive.buffer, archive.byteOffset, archive.length), limit);
  } catch (error) {
    // Offsets that lead outside are told by the reads themselves.
    if (error instanceof RangeError) throw new Error("zip: not a valid zip file", { cause: error });
    throw error;
  }
}

function readDirectory(zip: Buffer, limit: number): readonly ArchivedFile[] {
  const end = findEnd(zip);
  const count = zip.readUInt16LE(end + 10);
  const files: ArchivedFile[] = [];
  let left = limit;
  for (let at = zip.readUInt32LE(end + 16), index = 0; index < count; index += 1) {
    if (zip.readUInt32LE(at) !== directoryMark) throw new RangeError("no entry of the directory");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place)) as [number, number, number];
    const name = zip.toString("utf8", at + directorySize, at + directorySize + nameLength);
    if (!name.endsWith("/")) {
      if (isLink(zip, at)) throw new Error(`${name}: unexpected symlink in a context`);
      const bytes = readMember(zip, at, left);
      left -= bytes.length;
      files.push({ name, bytes });
    }
    at += directorySize + nameLength + extraLength + commentLength;
  }
  return files;
}

/** The end record stands behind everything but a comment. */
function findEnd(zip: Buffer): number {
  for (let at = zip.length - endSize; at >= Math.max(0, zip.length - endSize - 0xffff); at -= 1) {
    if (zip.readUInt32LE(at) === endMark) return at;
  }
  throw new RangeError("no end record");
}

/** The mode of a Unix archive stands in the upper half of the external attributes. */
function isLink(zip: Buffer, at: number): boolean {
  return ((zip.readUInt32LE(at + 38) >>> 16) & 0o170000) === 0o120000;
}

function readMember(zip: Buffer, at: number, limit: number): Uint8Array {
  const method = zip.readUInt16LE(at + 10);
  const packed = zip.readUInt32LE(at + 20);
  const size = zip.readUInt32LE(at + 24);
  const header = zip.readUInt32LE(at + 42);
  if (size > limit) throw new Error("read exceeds the defined limit");
  if (zip.readUInt32LE(header) !== fileMark) throw new RangeError("no header of the file");
  const begin = header + fileHeaderSize + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  if (begin + packed > zip.length) throw new RangeError("content leads outside");
  const content = zip.subarray(begin, begin + packed);
  const bytes = method === 0 ? content : method === 8 ? inflate(content, size) : undefined;
  if (bytes === undefined) throw new Error("zip: unsupported compression algorithm");
  if (bytes.length !== size) throw new RangeError("another size than the directory says");
  return bytes;
}

/** Never more than was announced: a bomb ends here. */
function inflate(content: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    throw new Error("zip: content is broken or larger than the directory says", { cause: error });
  }
}
