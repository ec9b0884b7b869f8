import { type Digest, fault } from "#base";
import type { LayerStore, LayerVerdict, UnpackedLayer } from "#image";
import { chmod, chown, lutimes, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What stands at a path of a layer: a text is a file's content. */
export type TreeEntry =
  | string
  | { readonly link: string }
  | { readonly fifo: true }
  | { readonly device: readonly [major: number, minor: number] }
  | { readonly folder: { readonly mode?: number; readonly uid?: number; readonly gid?: number; readonly mtime?: number } };

/** Paths without a leading slash; folders above are made. Written in the order of the keys. */
export type Tree = Readonly<Record<string, TreeEntry>>;

/** Writes a tree below a folder. Devices and FIFOs need root. */
export async function writeTree(root: string, tree: Tree): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof entry === "string") await writeFile(path, entry);
    else if ("link" in entry) await symlink(entry.link, path);
    else if ("fifo" in entry) makeNode(path, ["p"]);
    else if ("device" in entry) makeNode(path, ["c", ...entry.device.map(String)]);
    else {
      const { mode = 0o755, uid = 0, gid = 0, mtime } = entry.folder;
      await mkdir(path, { recursive: true });
      await chown(path, uid, gid);
      await chmod(path, mode);
      if (mtime !== undefined) await lutimes(path, mtime, mtime);
    }
  }
}

function makeNode(path: string, type: readonly string[]): void {
  const made = Bun.spawnSync(["mknod", path, ...type]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
}

/** Layers that a test writes as trees: the folders are the layers, as overlayfs reads them. */
export class FolderLayers implements LayerStore {
  readonly driver = "directory";
  readonly #root: string;
  readonly #implied = new Map<Digest, readonly string[]>();
  #count = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** `implied`: folders that an archive would not have described. */
  async add(tree: Tree, implied: readonly string[] = []): Promise<Digest> {
    this.#count += 1;
    const diffId: Digest = `sha256:${this.#count.toString(16).padStart(64, "0")}`;
    this.#implied.set(diffId, implied);
    await writeTree(this.lowerdir(diffId), tree);
    return diffId;
  }

  attach(): Promise<void> {
    return Promise.resolve();
  }

  lowerdir(diffId: Digest): string {
    return join(this.#root, diffId.slice("sha256:".length), "tree");
  }

  implied(diffId: Digest): readonly string[] {
    return this.#implied.get(diffId) ?? [];
  }

  has(): Promise<boolean> {
    return Promise.resolve(true);
  }

  unpack(): Promise<UnpackedLayer> {
    return Promise.reject(fault("unsupported", "layers of a test are written as trees"));
  }

  verify(): Promise<LayerVerdict> {
    return Promise.resolve({ state: "unknown", reason: "layers of a test are written as trees" });
  }

  /** Its folder goes with the test's. */
  remove(diffId: Digest): Promise<void> {
    this.#implied.delete(diffId);
    return Promise.resolve();
  }

  list(): Promise<readonly UnpackedLayer[]> {
    return Promise.resolve([...this.#implied.keys()].map((diffId) => ({ diffId, size: 0 })));
  }
}
