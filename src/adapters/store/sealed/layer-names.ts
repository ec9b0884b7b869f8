// The tree of a layer in memory, for an index. It follows the rules of layer-tree.ts, which has the kernel make the same tree out of files:
// what an entry means does not depend on the driver. Links in the layer are followed as seen from its root.
import { fault } from "#base";
import { type ByteString, quoteBytes } from "#image";
import { type Attributes, FolderNode, impliedAttributes, type LayerNode, type LinkNode, whiteout } from "./layer-node.ts";

/** path_resolution(7) */
const maxLinks = 40;
/** limits.h, with the closing NUL */
const pathMax = 4096;
const nameMax = 255;

type Sought = FolderNode | "missing" | "no folder";

export class LayerNames {
  readonly root = new FolderNode(undefined, "");
  /** Folders by the path that an entry called them. */
  readonly #found = new Map<ByteString, FolderNode>();

  /** The folder at `path`, made with all above it when missing. @throws invalid when something else stands there */
  folder(path: ByteString): FolderNode {
    const found = this.#find(path);
    if (typeof found === "object") return found;
    let above = this.root;
    let seen = "";
    for (const name of path.split("/")) {
      seen = seen === "" ? name : `${seen}/${name}`;
      const next = this.#find(seen);
      above = typeof next === "object" ? next : this.#imply(above, name, seen);
    }
    return above;
  }

  /** What stands at `name` in the folder at `path`, if both are there. */
  existing(path: ByteString, name: ByteString): LayerNode | undefined {
    const folder = this.#find(path);
    return typeof folder === "object" ? folder.names.get(name) : undefined;
  }

  /** What stands there already gives way. @throws invalid for a name that no file system takes */
  put(parent: FolderNode, name: ByteString, node: LayerNode): void {
    checkName(name);
    this.#clear(parent, name);
    parent.names.set(name, node);
  }

  /** Makes the folder, or keeps the one that stands there, and gives it these attributes. */
  putFolder(parent: FolderNode, name: ByteString, attributes: Attributes): void {
    const there = parent.names.get(name);
    let folder = there;
    if (folder?.type !== "folder") {
      folder = new FolderNode(parent, name);
      folder.isOpaque = there === whiteout;
      this.put(parent, name, folder);
    }
    folder.isImplied = false;
    folder.attributes = attributes;
  }

  /** Hides `name` of lower layers. What this layer itself puts there stays, whichever comes first. */
  hide(parent: FolderNode, name: ByteString): void {
    checkName(name);
    const there = parent.names.get(name);
    if (there === undefined) parent.names.set(name, whiteout);
    if (there?.type !== "folder") return;
    there.isOpaque = true;
    there.isImplied = false;
  }

  /** Takes the marks of removal out of opaque folders, where they have nothing to hide and overlayfs would list them. */
  finish(): void {
    for (const { folder, isHidden } of foldersOf(this.root)) {
      if (!isHidden && !folder.isOpaque) continue;
      for (const [name, node] of folder.names) if (node === whiteout) folder.names.delete(name);
    }
  }

  /** Folders that no entry described, from the root, parents first. */
  implied(): readonly ByteString[] {
    return [...foldersOf(this.root)].filter(({ folder }) => folder.isImplied).map(({ folder }) => folder.path());
  }

  #find(path: ByteString): Sought {
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    if (path.length >= pathMax) throw refused(path, "ENAMETOOLONG");
    const sought = walk(this.root, path);
    if (typeof sought === "object") this.#found.set(path, sought);
    return sought;
  }

  /** Makes one folder; behind a mark of removal it is a new one, about which no layer below has a say. */
  #imply(above: FolderNode, name: ByteString, seen: ByteString): FolderNode {
    checkName(name);
    const there = above.names.get(name);
    if (there !== undefined && there !== whiteout) throw fault("invalid", `${quoteBytes(seen)} in the layer is not a directory`);
    const folder = new FolderNode(above, name);
    if (there === undefined) folder.isImplied = true;
    else folder.isOpaque = true;
    folder.attributes = impliedAttributes;
    above.names.set(name, folder);
    return folder;
  }

  #clear(parent: FolderNode, name: ByteString): void {
    const there = parent.names.get(name);
    // Deleted, so that a new node has its own place in the order of names.
    if (there !== undefined) parent.names.delete(name);
    if (there?.type === "folder" || there?.type === "symlink") this.#found.clear();
  }
}

/** All folders, each behind the one that it lies in; hidden: in an opaque one. */
function* foldersOf(root: FolderNode): Generator<{ readonly folder: FolderNode; readonly isHidden: boolean }> {
  const left = [{ folder: root, isHidden: false }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    const isHidden = next.isHidden || next.folder.isOpaque;
    const inside = [...next.folder.names.values()].filter((node) => node.type === "folder");
    for (const folder of inside.toReversed()) left.push({ folder, isHidden });
  }
}

/** @throws invalid for too many links */
function walk(root: FolderNode, path: ByteString): Sought {
  let here = root;
  let links = 0;
  const left = path.split("/").toReversed();
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      here = here.parent ?? root;
      continue;
    }
    checkName(name);
    const node = here.names.get(name);
    if (node === undefined) return "missing";
    if (node.type === "folder") here = node;
    else if (node.type === "symlink") {
      links += 1;
      if (links > maxLinks) throw refused(path, "ELOOP");
      here = follow(node, { root, here, left });
    } else return "no folder";
  }
  return here;
}

/** Puts the link's way in front of what is left; gives where it begins. */
function follow(
  { target }: LinkNode,
  at: { readonly root: FolderNode; readonly here: FolderNode; readonly left: ByteString[] },
): FolderNode {
  at.left.push(...target.split("/").toReversed());
  return target.startsWith("/") ? at.root : at.here;
}

function checkName(name: ByteString): void {
  if (name.length > nameMax) throw refused(name, "ENAMETOOLONG");
}

/** As the kernel would refuse it. */
function refused(path: ByteString, code: string): Error {
  return fault("invalid", `${quoteBytes(path)} in the layer: ${code}`);
}
