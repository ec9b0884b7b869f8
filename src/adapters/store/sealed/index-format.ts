// The fixed parts of an EROFS image (fs/erofs/erofs_fs.h in Linux): the super block, the table of devices, inodes of 64 bytes. Blocks have 512
// bytes, as in a tar, so that what lies in the archive lies on a block. The archive is the one extra device; its blocks are counted on
// behind those of the index, so that an inode names them as it names its own.

export const blockSize = 512;
/** Inodes are numbered by where they lie, in pieces of 32 bytes. */
export const inodeUnit = 32;
export const inodeSize = 64;

const superBlockAt = 1024;
const superBlockSize = 128;
const deviceAt = superBlockAt + superBlockSize;
const deviceSize = 128;
/** Where inodes may lie. */
export const inodesAt = 1536;
/** Blocks have numbers of 32 bits; the highest one means none. */
export const mostBlocks = 2 ** 32 - 1;

const magic = 0xe0f5e1e2;
const featureMtime = 0x2;
const featureChunkedFile = 0x4;
const featureDeviceTable = 0x8;

const extended = 1;
/** How an inode's content is laid out: in blocks, or behind the inode. */
export const layouts = { plain: 0, inline: 2 } as const;

export interface IndexHead {
  readonly rootNode: number;
  readonly inodes: number;
  readonly blocks: number;
  readonly archiveBlocks: number;
  /** 16 bytes. Never zeros, and another one in each layer: overlayfs knows a lower file by it when it is copied up (overlayfs.rst, "xino"). */
  readonly uuid: Uint8Array;
}

export function putHead(view: DataView, head: IndexHead): void {
  view.setUint32(superBlockAt, magic, true);
  view.setUint32(superBlockAt + 8, featureMtime, true);
  view.setUint8(superBlockAt + 12, Math.log2(blockSize));
  view.setUint16(superBlockAt + 14, head.rootNode, true);
  view.setBigUint64(superBlockAt + 16, BigInt(head.inodes), true);
  view.setUint32(superBlockAt + 36, head.blocks, true);
  for (const [index, byte] of head.uuid.entries()) view.setUint8(superBlockAt + 48 + index, byte);
  view.setUint32(superBlockAt + 80, featureChunkedFile | featureDeviceTable, true);
  view.setUint16(superBlockAt + 86, 1, true);
  view.setUint16(superBlockAt + 88, deviceAt / deviceSize, true);
  view.setUint32(deviceAt + 64, head.archiveBlocks, true);
  view.setUint32(deviceAt + 68, head.blocks, true);
}

export interface Inode {
  readonly layout: (typeof layouts)[keyof typeof layouts];
  readonly xattrWords: number;
  /** With the file type. */
  readonly mode: number;
  readonly size: number;
  /** The first block of the content, or a device's number. */
  readonly place: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: { readonly seconds: number; readonly nanos: number };
  readonly links: number;
}

export function putInode(view: DataView, at: number, inode: Inode): void {
  view.setUint16(at, extended | (inode.layout << 1), true);
  view.setUint16(at + 2, inode.xattrWords, true);
  view.setUint16(at + 4, inode.mode, true);
  view.setBigUint64(at + 8, BigInt(inode.size), true);
  view.setUint32(at + 16, inode.place, true);
  view.setUint32(at + 20, at / inodeUnit, true);
  view.setUint32(at + 24, inode.uid, true);
  view.setUint32(at + 28, inode.gid, true);
  view.setBigInt64(at + 32, BigInt(inode.mtime.seconds), true);
  view.setUint32(at + 40, inode.mtime.nanos, true);
  view.setUint32(at + 44, inode.links, true);
}
