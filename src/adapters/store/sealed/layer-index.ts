// The index of a layer: an EROFS image that says what stands where, with contents left in the archive. From its beginning: the head, all
// inodes with what is small enough to stand behind them, the blocks of larger folders and links, and contents of sparse files, which the
// archive has in pieces that begin on no block. A function of the archive alone: the same layer gives the same bytes everywhere.
import { constants } from "node:fs";
import { fault } from "#base";
import type { ByteString } from "#image";
import { blocksOf, entryTypes, folderSize, putFolder } from "./index-folder.ts";
import { blockSize, type IndexHead, inodesAt, inodeSize, inodeUnit, layouts, mostBlocks, putHead, putInode } from "./index-format.ts";
import { type IndexXattrs, putXattrs, xattrsSize, xattrWords } from "./index-xattrs.ts";
import { FolderNode, type Fragment, impliedAttributes, type LayerNode, whiteout } from "./layer-node.ts";
import { putBytes } from "./put-bytes.ts";

/** Where the layer's root stands in the index: one below the root that is mounted, so that a mount that is gone is missed and not taken for an empty layer. */
export const layerRoot = "tree";

export interface LayerIndex {
  /** The index from its first byte. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole index; what `bytes` and `copies` do not reach are zeros. */
  readonly size: number;
  /** What must be copied from the archive to a place in the index. */
  readonly copies: readonly Copy[];
}

interface Copy {
  readonly at: number;
  readonly from: number;
  readonly length: number;
}

interface Slot {
  readonly node: LayerNode;
  readonly xattrs: IndexXattrs;
  links: number;
  /** Names of a folder in their order, in blocks. */
  readonly blocks: readonly (readonly ByteString[])[];
  readonly size: number;
  /** Where the inode lies. */
  at: number;
  isInline: boolean;
  /** The first block of the content. */
  block: number;
}

const kinds = {
  file: constants.S_IFREG,
  folder: constants.S_IFDIR,
  symlink: constants.S_IFLNK,
  char: constants.S_IFCHR,
  block: constants.S_IFBLK,
  fifo: constants.S_IFIFO,
} as const;

const opaque = ["trusted.overlay.opaque", "y"] as const;
const noBlock = mostBlocks;

/** @throws invalid for a layer that has more blocks than an image can have */
export function layOutIndex(layer: FolderNode, archive: { readonly size: number; readonly uuid: Uint8Array }): LayerIndex {
  const top = new FolderNode(undefined, "");
  top.attributes = { ...impliedAttributes, mode: 0o700 };
  top.names.set(layerRoot, layer);
  const slots = slotsOf(top);
  const inlineEnd = placeInodes(slots);
  const metadataSize = placeContents(slots, inlineEnd);
  const { size, copies } = placeSparse(slots, metadataSize);
  const blocks = size / blockSize;
  const archiveBlocks = Math.ceil(archive.size / blockSize);
  if (blocks + archiveBlocks > mostBlocks) throw fault("invalid", "the layer is too large to be indexed: 2 TiB are the limit");
  const bytes = new Uint8Array(metadataSize);
  const view = new DataView(bytes.buffer);
  const head: IndexHead = { rootNode: inodesAt / inodeUnit, inodes: slots.size, blocks, archiveBlocks, uuid: archive.uuid };
  putHead(view, head);
  for (const slot of slots.values()) putSlot(view, slot, { slots, above: top, blocks });
  return { bytes, size, copies };
}

/** One slot a node, the root first, each folder's behind it. */
function slotsOf(top: FolderNode): Map<LayerNode, Slot> {
  const slots = new Map<LayerNode, Slot>();
  const left: LayerNode[] = [top];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const known = slots.get(node);
    if (known !== undefined) {
      // A mark of removal is one node for the whole layer, and no link of anything.
      if (node !== whiteout) known.links += 1;
      continue;
    }
    slots.set(node, slotOf(node));
    if (node.type === "folder") for (const inside of node.names.values()) left.push(inside);
  }
  return slots;
}

function slotOf(node: LayerNode): Slot {
  const slot = { node, xattrs: node.attributes.xattrs, links: 1, blocks: [], size: 0, at: 0, isInline: false, block: noBlock };
  if (node.type === "file") return { ...slot, size: node.size };
  if (node.type === "symlink") return { ...slot, size: node.target.length };
  if (node.type !== "folder") return slot;
  const blocks = blocksOf([...node.names.keys(), ".", ".."]);
  const folders = [...node.names.values()].filter(({ type }) => type === "folder").length;
  const xattrs = node.isOpaque ? new Map([...slot.xattrs, opaque]) : slot.xattrs;
  return { ...slot, xattrs, blocks, links: 2 + folders, size: folderSize(blocks) };
}

/** Gives each inode its place, in the order of the slots; what is inline may not reach into another block. */
function placeInodes(slots: ReadonlyMap<LayerNode, Slot>): number {
  let at = inodesAt;
  for (const slot of slots.values()) {
    const head = inodeSize + xattrsSize(slot.xattrs);
    slot.isInline = (slot.node.type === "folder" || slot.node.type === "symlink") && head + slot.size <= blockSize;
    const size = slot.isInline ? head + slot.size : head;
    if (slot.isInline && (at % blockSize) + size > blockSize) at = rounded(at, blockSize);
    slot.at = at;
    at = rounded(at + size, inodeUnit);
  }
  return rounded(at, blockSize);
}

/** Blocks for the folders and links that are not inline. */
function placeContents(slots: ReadonlyMap<LayerNode, Slot>, from: number): number {
  let at = from;
  for (const slot of slots.values()) {
    if (slot.isInline || (slot.node.type !== "folder" && slot.node.type !== "symlink")) continue;
    slot.block = at / blockSize;
    at = rounded(at + slot.size, blockSize);
  }
  return at;
}

/** Blocks for sparse files, holes and all: those take no room in a file. */
function placeSparse(slots: ReadonlyMap<LayerNode, Slot>, from: number): { readonly size: number; readonly copies: readonly Copy[] } {
  let at = from;
  const copies: Copy[] = [];
  for (const slot of slots.values()) {
    const fragments = fragmentsOf(slot.node);
    if (fragments === undefined || slot.size === 0) continue;
    slot.block = at / blockSize;
    for (const { position, offset, length } of fragments) copies.push({ at: at + position, from: offset, length });
    at = rounded(at + slot.size, blockSize);
  }
  return { size: at, copies };
}

function fragmentsOf(node: LayerNode): readonly Fragment[] | undefined {
  return node.type === "file" && typeof node.content !== "number" ? node.content : undefined;
}

interface Surroundings {
  readonly slots: ReadonlyMap<LayerNode, Slot>;
  readonly above: FolderNode;
  /** Blocks of the index: what lies in the archive is counted on behind them. */
  readonly blocks: number;
}

function putSlot(view: DataView, slot: Slot, { slots, above, blocks }: Surroundings): void {
  const { node, xattrs, at, size, links } = slot;
  const { mode, uid, gid, mtime } = node.attributes;
  const layout = slot.isInline ? layouts.inline : layouts.plain;
  const place = placeOf(slot, blocks);
  putInode(view, at, { layout, xattrWords: xattrWords(xattrs), mode: mode | kinds[node.type], size, place, uid, gid, mtime, links });
  putXattrs(view, at + inodeSize, xattrs);
  const contentAt = slot.isInline ? at + inodeSize + xattrsSize(xattrs) : slot.block * blockSize;
  if (node.type === "symlink") putBytes(view, contentAt, node.target);
  if (node.type !== "folder") return;
  putFolder(view, contentAt, slot.blocks, (name) => {
    const named = namedIn(node, name, above);
    return { type: entryTypes[named.type], node: (slots.get(named)?.at ?? 0) / inodeUnit };
  });
}

function namedIn(folder: FolderNode, name: ByteString, top: FolderNode): LayerNode {
  if (name === ".") return folder;
  return name === ".." ? (folder.parent ?? top) : (folder.names.get(name) ?? top);
}

/** The inode's word for where its content is, or which device it is. */
function placeOf({ node, block, size }: Slot, blocks: number): number {
  if (node.type === "fifo") return 0;
  if (node.type === "char" || node.type === "block") {
    return ((node.minor & 0xff) | (node.major << 8) | ((node.minor & ~0xff) << 12)) >>> 0;
  }
  const content = node.type === "file" && size > 0 ? node.content : undefined;
  return typeof content === "number" ? blocks + content / blockSize : block;
}

function rounded(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
