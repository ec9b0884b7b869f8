import type { ByteString, TarTime } from "#image";

/** What every node has but a mark of removal. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: TarTime;
  readonly xattrs: ReadonlyMap<ByteString, ByteString>;
}

/** A piece of a sparse file: where it stands in the file, and where in the archive. */
export interface Fragment {
  readonly position: number;
  readonly offset: number;
  readonly length: number;
}

export interface FileNode {
  readonly type: "file";
  readonly attributes: Attributes;
  readonly size: number;
  /** Where the content begins in the archive; of a sparse file its pieces. */
  readonly content: number | readonly Fragment[];
}

export interface LinkNode {
  readonly type: "symlink";
  readonly attributes: Attributes;
  readonly target: ByteString;
}

export interface DeviceNode {
  readonly type: "char" | "block" | "fifo";
  readonly attributes: Attributes;
  readonly major: number;
  readonly minor: number;
}

/** A node may stand at several names: that is a hard link. Folders stand at one. */
export type LayerNode = FileNode | LinkNode | DeviceNode | FolderNode;

export const impliedAttributes: Attributes = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 0, nanos: 0 }, xattrs: new Map() };

/** Hides a name of lower layers (overlayfs.rst, "whiteouts"): a character device 0:0, and the same one at all names. */
export const whiteout: DeviceNode = { type: "char", attributes: { ...impliedAttributes, mode: 0 }, major: 0, minor: 0 };

export class FolderNode {
  readonly type = "folder";
  readonly parent: FolderNode | undefined;
  readonly name: ByteString;
  readonly names = new Map<ByteString, LayerNode>();
  attributes: Attributes = impliedAttributes;
  /** Hides all that lower layers have in it. */
  isOpaque = false;
  /** No entry described it. */
  isImplied = false;

  constructor(parent: FolderNode | undefined, name: ByteString) {
    this.parent = parent;
    this.name = name;
  }

  /** From the root, which is "". */
  path(): ByteString {
    const names = [this.name];
    for (let above = this.parent; above?.parent !== undefined; above = above.parent) names.push(above.name);
    return names.toReversed().join("/");
  }
}
