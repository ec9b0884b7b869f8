// Tar archives as data: members with their content, in any form that a test needs.
import { byteStringOfText, tarEnd, tarHeader, tarPadding, type TarEntryType, type TarMember } from "#image";
import type { Digest } from "#base";

export interface ArchiveMember extends Omit<TarMember, "type" | "size"> {
  readonly type?: TarEntryType;
  readonly content?: string | Uint8Array;
}

/** The bytes of an uncompressed archive, closed by its two blocks of zeros. */
export function archive(members: readonly ArchiveMember[]): Uint8Array<ArrayBuffer> {
  return concatenated([...members.flatMap(memberParts), tarEnd()]);
}

/** One member without an end mark. */
export function memberParts({ content = "", type = "file", ...member }: ArchiveMember): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  return [tarHeader({ ...member, type, size: bytes.length }), bytes, tarPadding(bytes.length)];
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A header block with fields overwritten and its checksum made right again. */
export function rewritten(header: Uint8Array, fields: readonly { readonly at: number; readonly bytes: string }[]): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(header);
  for (const { at, bytes } of fields) for (let n = 0; n < bytes.length; n += 1) block[at + n] = bytes.charCodeAt(n);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0`), 148);
  return block;
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
}

/** Text as the bytes of a name. */
export const utf8 = byteStringOfText;
