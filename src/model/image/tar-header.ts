// One header block of 512 bytes: v7, ustar (IEEE 1003.1) and GNU (tar(5)).
import { fault, type EngineError } from "#base";
import { byteString, type ByteString } from "./byte-string.ts";

export const blockSize = 512;

/** The fields of a block, before extensions. */
export interface TarHeader {
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** The type flag as a character. */
  readonly flag: string;
  readonly major: number;
  readonly minor: number;
}

/** The error for an archive that breaks the format. */
export function brokenTar(reason: string, offset: number): EngineError {
  return fault("invalid", `invalid tar header: ${reason} (at byte ${offset})`);
}

/** True for a block of zeros, two of which end an archive. */
export function isZeroBlock(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < at + blockSize; index += 1) if (bytes[index] !== 0) return false;
  return true;
}

/** Reads the block at `at`; `offset` is its place in the archive, for the message. @throws invalid */
export function parseHeader(bytes: Uint8Array, at: number, offset: number): TarHeader {
  checkSum(bytes, at, offset);
  const number = (start: number, length: number): number => parseNumber(bytes, { at: at + start, length, offset });
  const magic = byteString(bytes, at + 257, at + 265);
  const isUstar = magic.startsWith("ustar\0");
  const hasDevice = isUstar || magic === "ustar  \0";
  const flag = String.fromCharCode(bytes[at + 156] ?? 0);
  const prefix = isUstar ? field(bytes, at + 345, 155) : "";
  const name = field(bytes, at, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: field(bytes, at + 157, 100),
    mode: number(100, 8) & 0o7777,
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: number(136, 12),
    flag: flag === "\0" || flag === "7" ? "0" : flag,
    major: hasDevice ? number(329, 8) : 0,
    minor: hasDevice ? number(337, 8) : 0,
  };
}

function field(bytes: Uint8Array, at: number, length: number): ByteString {
  const end = bytes.indexOf(0, at);
  return byteString(bytes, at, end === -1 || end > at + length ? at + length : end);
}

/** The sum of all bytes with the sum's own field as blanks; old writers added signed bytes. */
function checkSum(bytes: Uint8Array, at: number, offset: number): void {
  let unsigned = 256;
  let high = 0;
  for (let index = at; index < at + blockSize; index += 1) {
    const byte = bytes[index] ?? 0;
    unsigned += byte;
    if (byte > 127) high += 256;
  }
  for (let index = at + 148; index < at + 156; index += 1) {
    const byte = bytes[index] ?? 0;
    unsigned -= byte;
    if (byte > 127) high -= 256;
  }
  const stored = parseNumber(bytes, { at: at + 148, length: 8, offset });
  if (stored !== unsigned && stored !== unsigned - high) throw brokenTar("wrong checksum", offset);
}

/** A numeric field: octal text, or base 256 in two's complement when the first bit is set. @throws invalid */
export function parseNumber(bytes: Uint8Array, place: { readonly at: number; readonly length: number; readonly offset: number }): number {
  const { at, length, offset } = place;
  const first = bytes[at] ?? 0;
  const value = (first & 0x80) === 0 ? parseOctal(bytes, at, length) : parseBase256(bytes, at, length);
  if (!Number.isSafeInteger(value)) throw brokenTar("bad number", offset);
  return value;
}

function parseOctal(bytes: Uint8Array, at: number, length: number): number {
  let index = at;
  const end = at + length;
  while (index < end && (bytes[index] === 0x20 || bytes[index] === 0)) index += 1;
  let value = 0;
  for (; index < end; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; index < end; index += 1) if (bytes[index] !== 0x20 && bytes[index] !== 0) return Number.NaN;
  return value;
}

function parseBase256(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  let value = (first & 0x40) === 0 ? first & 0x3f : (first & 0x7f) - 0x80;
  for (let index = at + 1; index < at + length; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
