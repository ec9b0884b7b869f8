// A directory as EROFS has it (erofs_fs.h): blocks that the kernel searches by halves, each with its entries in front and their names
// behind; names in the order of their bytes, over all blocks.
import type { ByteString } from "#image";
import { blockSize } from "./index-format.ts";
import { putBytes } from "./put-bytes.ts";

const entrySize = 12;

/** Types of directory entries, as everywhere in the kernel (fs_types.h). */
export const entryTypes = { file: 1, folder: 2, char: 3, block: 4, fifo: 5, symlink: 7 } as const;

export interface FolderEntry {
  readonly name: ByteString;
  readonly type: (typeof entryTypes)[keyof typeof entryTypes];
  readonly node: number;
}

/** Names in their order, split into blocks. */
export function blocksOf(names: readonly ByteString[]): readonly (readonly ByteString[])[] {
  const blocks: ByteString[][] = [];
  let left = 0;
  // Characters up to U+00FF compare as the bytes that they stand for.
  for (const name of names.toSorted()) {
    if (entrySize + name.length > left) {
      blocks.push([]);
      left = blockSize;
    }
    blocks.at(-1)?.push(name);
    left -= entrySize + name.length;
  }
  return blocks;
}

/** Bytes of the directory: all blocks but the last are whole. */
export function folderSize(blocks: readonly (readonly ByteString[])[]): number {
  const last = blocks.at(-1) ?? [];
  return (blocks.length - 1) * blockSize + last.reduce((sum, name) => sum + entrySize + name.length, 0);
}

/** Writes the directory; the bytes behind a block's last name are zeros already. */
export function putFolder(
  view: DataView,
  at: number,
  blocks: readonly (readonly ByteString[])[],
  entryOf: (name: ByteString) => Omit<FolderEntry, "name">,
): void {
  for (const [index, names] of blocks.entries()) {
    const start = at + index * blockSize;
    let nameAt = names.length * entrySize;
    for (const [place, name] of names.entries()) {
      const { node, type } = entryOf(name);
      const entry = start + place * entrySize;
      view.setBigUint64(entry, BigInt(node), true);
      view.setUint16(entry + 8, nameAt, true);
      view.setUint8(entry + 10, type);
      putBytes(view, start + nameAt, name);
      nameAt += name.length;
    }
  }
}
