// What layers on top of each other must look like (OCI image spec, layer.md), told by a model that knows nothing of overlayfs; and layers
// of chance to hold the two against each other.
import type { ArchiveMember } from "./archive.ts";

export type ModelEntry = { readonly mode: number } | { readonly content: string };
export type ModelTree = ReadonlyMap<string, ModelEntry>;

export interface ModelLayer {
  readonly entries: readonly (readonly [path: string, entry: ModelEntry])[];
  readonly whiteouts: readonly string[];
  readonly opaque: readonly string[];
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function removeBelow(tree: Map<string, ModelEntry>, path: string): void {
  for (const key of tree.keys()) if (key.startsWith(`${path}/`)) tree.delete(key);
}

function isFile(entry: ModelEntry | undefined): boolean {
  return entry !== undefined && "content" in entry;
}

/** The lower tree with the layer on top. Whiteouts act on the lower tree only, wherever they stand in the layer. */
export function stack(lower: ModelTree, layer: ModelLayer): ModelTree {
  const tree = new Map(lower);
  const makeFolder = (path: string): void => {
    if (!tree.has(path) || isFile(tree.get(path))) tree.set(path, { mode: 0o755 });
  };
  for (const path of layer.whiteouts) {
    tree.delete(path);
    removeBelow(tree, path);
  }
  for (const path of layer.opaque) removeBelow(tree, path);
  // A mark needs its folder, and a folder hides a file of the layers below.
  for (const path of layer.opaque) [...parentsOf(path), path].forEach(makeFolder);
  for (const path of layer.whiteouts) parentsOf(path).forEach(makeFolder);
  for (const [path, entry] of layer.entries) {
    parentsOf(path).forEach(makeFolder);
    if (isFile(entry)) removeBelow(tree, path);
    tree.set(path, entry);
  }
  return tree;
}

/** The layer as a builder would have written it over the lower tree: hiding only what is there. */
export function written(layer: ModelLayer, lower: ModelTree): ModelLayer {
  return { ...layer, whiteouts: layer.whiteouts.filter((path) => lower.has(path)) };
}

/** The layer as members of a tar, in the order that `random` gives. */
export function membersOf(layer: ModelLayer, random: () => number): readonly ArchiveMember[] {
  const members: readonly ArchiveMember[] = [
    ...layer.entries.map(([path, entry]): ArchiveMember =>
      "content" in entry ? { name: path, content: entry.content } : { type: "directory", name: path, mode: entry.mode },
    ),
    ...layer.whiteouts.map((path) => ({ name: path.replace(/[^/]+$/, ".wh.$&") })),
    ...layer.opaque.map((path) => ({ name: `${path}/.wh..wh..opq` })),
  ];
  return members
    .map((member) => ({ member, place: random() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ member }) => member);
}

/** A layer over the names a, b and c, up to three deep, in which no file stands where another entry needs a folder. */
export function randomLayer(random: () => number, label: string): ModelLayer {
  const pick = (count: number): number => Math.floor(random() * count);
  const randomPath = (): string => Array.from({ length: 1 + pick(3) }, () => "abc"[pick(3)]).join("/");
  const entries = new Map<string, ModelEntry>();
  const marks = { whiteouts: new Set<string>(), opaque: new Set<string>() };
  const needed = new Set<string>();
  const isBlocked = (path: string): boolean => parentsOf(path).some((parent) => isFile(entries.get(parent)));
  for (let count = 3 + pick(6); count > 0; count -= 1) {
    const path = randomPath();
    const choice = pick(6);
    if (isBlocked(path) || entries.has(path)) continue;
    if (choice < 2 && !needed.has(path)) entries.set(path, { content: `${label} ${path}` });
    else if (choice < 4) entries.set(path, { mode: [0o755, 0o700, 0o1777][pick(3)] ?? 0o755 });
    else if (choice === 4) marks.whiteouts.add(path);
    else marks.opaque.add(path);
    for (const parent of [...parentsOf(path), ...(choice === 5 ? [path] : [])]) needed.add(parent);
  }
  return { entries: [...entries], whiteouts: [...marks.whiteouts], opaque: [...marks.opaque] };
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
