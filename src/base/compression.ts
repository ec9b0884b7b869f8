// What archives and layers may be compressed with. The first bytes tell, as with Docker: names and media types are wrong too often.

export type Compression = "gzip" | "zstd" | "bzip2" | "xz";

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** How many first bytes tell a compression. */
export const longestMagic = 6;

/** Undefined for bytes that are not compressed. */
export function compressionOf(first: Uint8Array): Compression | undefined {
  return magics.find(([, magic]) => magic.every((byte, index) => first[index] === byte))?.[0];
}
