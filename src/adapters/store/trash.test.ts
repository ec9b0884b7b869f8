import { Kernel } from "#linux";
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mountsBelow } from "../../../test/support/mounts.ts";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolPath } from "../../../test/support/tools.ts";
import { Trash } from "./trash.ts";

interface Place extends AsyncDisposable {
  readonly root: string;
  readonly folder: string;
  readonly kernel: Kernel;
}

async function makePlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), "gantry-trash-"));
  const kernel = new Kernel();
  return {
    root,
    folder: join(root, "trash"),
    kernel,
    [Symbol.asyncDispose]: async () => {
      for (const point of mountsBelow(root)) await kernel.run("detachMounts", point);
      await kernel[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

/** A chain of folders longer than a path may be, made from the inside out. */
async function makeDeep(root: string, depth: number): Promise<string> {
  let deep = join(root, "deep-0");
  await mkdir(deep);
  for (let n = 1; n < depth; n += 1) {
    const outer = join(root, `deep-${n}`);
    await mkdir(outer);
    await rename(deep, join(outer, "d"));
    deep = outer;
  }
  return deep;
}

describe("Trash", () => {
  test("discard() takes a tree out of sight before it resolves, and idle() when its bytes are gone", async () => {
    await using place = await makePlace();
    const trash = new Trash(place);
    const tree = join(place.root, "tree");
    for (const folder of ["a", "b", "c"]) {
      await mkdir(join(tree, folder), { recursive: true });
      await Promise.all(Array.from({ length: 700 }, (_, n) => writeFile(join(tree, folder, `${n}`), "x")));
    }
    await trash.discard(tree);
    expect(existsSync(tree)).toBe(false);
    await trash.idle();
    expect([await readdir(place.folder), trash.refused]).toEqual([[], []]);
  });

  test("discard() of what is not there is no error", async () => {
    await using place = await makePlace();
    const trash = new Trash(place);
    await trash.discard(join(place.root, "missing"));
    await trash.idle();
    expect(trash.refused).toEqual([]);
  });

  test("discard() takes files and links, and the same name many times", async () => {
    await using place = await makePlace();
    const trash = new Trash(place);
    const kept = join(place.root, "kept");
    await writeFile(kept, "kept");
    for (let n = 0; n < 5; n += 1) {
      await writeFile(join(place.root, "file"), "x");
      await symlink(kept, join(place.root, "link"));
      await Promise.all([trash.discard(join(place.root, "file")), trash.discard(join(place.root, "link"))]);
    }
    await trash.idle();
    expect([await readdir(place.folder), await readFile(kept, "utf8")]).toEqual([[], "kept"]);
  });

  test("new Trash() deletes what an earlier daemon left", async () => {
    await using place = await makePlace();
    await mkdir(join(place.folder, "left/over"), { recursive: true });
    await writeFile(join(place.folder, "left/over/file"), "x");
    await new Trash(place).idle();
    expect(await readdir(place.folder)).toEqual([]);
  });

  test("links out of the trash are removed and never followed", async () => {
    await using place = await makePlace();
    const canary = join(place.root, "canary");
    await mkdir(canary);
    await writeFile(join(canary, "kept"), "kept");
    const tree = join(place.root, "tree");
    await mkdir(tree);
    await symlink(canary, join(tree, "absolute"));
    await symlink("../../canary", join(tree, "relative"));
    await symlink(join(canary, "kept"), join(tree, "file"));
    await symlink("/proc/self/root", join(tree, "magic"));
    const trash = new Trash(place);
    await trash.discard(tree);
    await trash.idle();
    expect([await readdir(place.folder), await readdir(canary), await readFile(join(canary, "kept"), "utf8")]).toEqual([
      [],
      ["kept"],
      "kept",
    ]);
  });

  test("a mount left in a tree is detached, and nothing in it is deleted", async () => {
    await using place = await makePlace();
    const source = join(place.root, "source");
    await mkdir(source);
    await writeFile(join(source, "kept"), "kept");
    const tree = join(place.root, "tree");
    await mkdir(join(tree, "inner/point"), { recursive: true });
    await writeFile(join(tree, "inner/file"), "");
    await place.kernel.run("bindMount", source, join(tree, "inner/point"), false);
    await place.kernel.run("bindMount", source, join(tree, "inner/point"), false);
    await place.kernel.run("bindMount", join(source, "kept"), join(tree, "inner/file"), false);
    await place.kernel.run("mountTmpfs", join(tree, "inner"), { bytes: 65_536, mode: 0o700 });
    const trash = new Trash(place);
    await trash.discard(tree);
    await trash.idle();
    expect([await readdir(place.folder), await readdir(source), trash.refused]).toEqual([[], ["kept"], []]);
    expect(await readFile(join(source, "kept"), "utf8")).toBe("kept");
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(place.root);
  });

  test("a file with a link elsewhere keeps its bytes there, however large", async () => {
    await using place = await makePlace();
    const tree = join(place.root, "tree");
    await mkdir(tree);
    await writeFile(join(tree, "large"), "begin");
    await truncate(join(tree, "large"), 300 * 1024 * 1024);
    await Bun.$`ln ${join(tree, "large")} ${join(place.root, "other")}`;
    const trash = new Trash(place);
    await trash.discard(tree);
    await trash.idle();
    const other = await stat(join(place.root, "other"));
    expect([await readdir(place.folder), other.size, other.nlink]).toEqual([[], 300 * 1024 * 1024, 1]);
  });

  test("emptyTrash shrinks a large file slice by slice", async () => {
    await using place = await makePlace();
    await mkdir(place.folder);
    const path = join(place.folder, "large");
    await writeFile(path, "");
    await truncate(path, 1000);
    const budget = { entries: 100, bytes: 300 };
    const sizes: number[] = [];
    for (;;) {
      const slice = await place.kernel.run("emptyTrash", place.folder, budget);
      if (slice.finished) break;
      expect(slice.progressed).toBe(true);
      sizes.push((await lstat(path)).size);
    }
    expect([sizes, await readdir(place.folder)]).toEqual([[700, 400, 100], []]);
  });

  test("emptyTrash removes no more than its budget", async () => {
    await using place = await makePlace();
    await mkdir(join(place.folder, "a"), { recursive: true });
    for (let n = 0; n < 10; n += 1) await writeFile(join(place.folder, "a", `${n}`), "x");
    const left: number[] = [];
    for (;;) {
      const slice = await place.kernel.run("emptyTrash", place.folder, { entries: 4, bytes: 1024 });
      if (slice.finished) break;
      left.push((await readdir(join(place.folder, "a"))).length);
    }
    expect(left).toEqual([6, 2]);
    expect(await readdir(place.folder)).toEqual([]);
  });

  test("trees deeper than a path may be long are deleted, with few descriptors", async () => {
    await using place = await makePlace();
    const deep = await makeDeep(place.root, 3000);
    const trash = new Trash(place);
    await trash.discard(deep);
    await trash.idle();
    expect([await readdir(place.folder), trash.refused]).toEqual([[], []]);
  });

  test("names that are no UTF-8, and files a container made immutable, are deleted", async () => {
    await using place = await makePlace();
    const tree = join(place.root, "tree");
    await mkdir(join(tree, "closed"), { recursive: true });
    await writeFile(Buffer.concat([Buffer.from(`${tree}/closed/`), Buffer.from([0xff, 0x0a, 0x80])]), "x");
    await writeFile(join(tree, "closed/file"), "x");
    const chattr = Bun.spawnSync([toolPath("chattr"), "+i", join(tree, "closed/file"), join(tree, "closed")]);
    expect(chattr.stderr.toString()).toBe("");
    const trash = new Trash(place);
    await trash.discard(tree);
    await trash.idle();
    expect([await readdir(place.folder), trash.refused]).toEqual([[], []]);
  });

  test("what the kernel refuses is told, and tried again with the next discard", async () => {
    await using place = await makePlace();
    await mkdir(place.folder);
    await place.kernel.run("mountTmpfs", place.folder, { bytes: 1024 * 1024, mode: 0o700 });
    try {
      await mkdir(join(place.folder, "left"));
      await writeFile(join(place.folder, "left/file"), "x");
      await Bun.$`mount -o remount,ro ${place.folder}`;
      const trash = new Trash(place);
      await trash.idle();
      expect(trash.refused.toSorted()).toEqual(["unlinkat file: read-only file system", "unlinkat left: read-only file system"]);
      expect(await readdir(join(place.folder, "left"))).toEqual(["file"]);
      await Bun.$`mount -o remount,rw ${place.folder}`;
      await writeFile(join(place.folder, "more"), "x");
      await trash.discard(join(place.folder, "more"));
      await trash.idle();
      expect([await readdir(place.folder), trash.refused]).toEqual([[], []]);
    } finally {
      await place.kernel.run("detachMounts", place.folder);
    }
  });
});
