import { type Digest, newId } from "#base";
import { describe, expect, test } from "bun:test";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, type ArchiveMember, sha256 } from "../../../test/support/archive.ts";
import { membersOf, type ModelEntry, type ModelTree, randomLayer, seeded, stack, written } from "../../../test/support/layer-model.ts";
import { makeStorePlace, type StorePlace } from "../../../test/support/store-place.ts";
import type { FolderLayerStore } from "./layer-store.ts";
import { OverlayRootfsStore } from "./rootfs-store.ts";

async function unpack(place: StorePlace, layers: FolderLayerStore, members: readonly ArchiveMember[]): Promise<Digest> {
  const bytes = archive(members);
  const path = join(place.around, "layer.tar");
  await writeFile(path, bytes);
  await layers.unpack({ diffId: sha256(bytes), path, mediaType: "" });
  return sha256(bytes);
}

/** Unpacks the layers, lowest first, and looks at the root of a container over them. */
async function withRootfs<Result>(
  place: StorePlace,
  tars: readonly (readonly ArchiveMember[])[],
  look: (path: string) => Result,
): Promise<Result> {
  const layers = await place.openLayers();
  const { dataRoot, kernel, trash } = place;
  const rootfs = new OverlayRootfsStore({ dataRoot, runRoot: dataRoot, layers, kernel, trash });
  const diffIds: Digest[] = [];
  for (const members of tars) diffIds.push(await unpack(place, layers, members));
  const id = newId();
  const options = { layers: diffIds, ephemeral: true };
  await rootfs.create(id, options);
  await using mounted = await rootfs.mount(id, options);
  return look(mounted.path);
}

function treeOf(root: string): ModelTree {
  const tree = new Map<string, ModelEntry>();
  const visit = (path: string): void => {
    const status = lstatSync(join(root, path));
    if (!status.isDirectory()) {
      tree.set(path, { content: readFileSync(join(root, path), "utf8") });
      return;
    }
    tree.set(path, { mode: status.mode & 0o7777 });
    for (const name of readdirSync(join(root, path))) visit(`${path}/${name}`);
  };
  for (const name of readdirSync(root)) if ("abc".includes(name)) visit(name);
  return tree;
}

describe("layers under overlayfs", () => {
  test.each(Array.from({ length: 24 }, (_, index) => index + 1))("look as the specification has them, seed %d", async (seed) => {
    await using place = await makeStorePlace();
    const random = seeded(seed);
    let expected: ModelTree = new Map();
    const tars: (readonly ArchiveMember[])[] = [];
    for (const label of ["one", "two", "three"]) {
      const layer = written(randomLayer(random, label), expected);
      expected = stack(expected, layer);
      tars.push(membersOf(layer, random));
    }
    const found = await withRootfs(place, tars, treeOf);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  const base: readonly ArchiveMember[] = [
    { type: "directory", name: "tmp", mode: 0o1777 },
    { type: "directory", name: "a" },
    { name: "a/kept", content: "kept" },
    { name: "kept", content: "kept" },
  ];

  test("keep the mode of a folder that a higher layer only implies (A24)", async () => {
    await using place = await makeStorePlace();
    const mode = await withRootfs(place, [base, [{ name: "tmp/x" }]], (path) => lstatSync(join(path, "tmp")).mode & 0o7777);
    expect(mode).toBe(0o1777);
  });

  test("hide and move nothing by marks of overlayfs that an image writes itself (A24)", async () => {
    await using place = await makeStorePlace();
    const marks = ["opaque", "redirect", "metacopy", "whiteout", "origin", "impure"].flatMap((mark) =>
      ["trusted.overlay", "user.overlay"].map((space) => [`${space}.${mark}`, mark === "redirect" ? "/tmp" : "y"] as const),
    );
    const hostile: readonly ArchiveMember[] = [
      { type: "directory", name: "a", xattrs: new Map(marks) },
      { type: "char", name: "kept", major: 0, minor: 0 },
      { type: "char", name: "a/kept", major: 0, minor: 0 },
      { name: "stub", xattrs: new Map(marks), content: "own" },
    ];
    const found = await withRootfs(place, [base, hostile], (path) =>
      ["a/kept", "kept", "stub"].map((name) => readFileSync(join(path, name), "utf8")),
    );
    expect(found).toEqual(["kept", "kept", "own"]);
  });
});
