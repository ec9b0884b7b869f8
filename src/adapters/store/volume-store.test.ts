import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { link, lstat, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeTree } from "../../../test/support/folder-layers.ts";
import { mountPoints } from "../../../test/support/sweep.ts";
import { makeStorePlace, type StorePlace } from "../../../test/support/store-place.ts";
import { DirectoryVolumeStore } from "./volume-store.ts";

let place: StorePlace;
let store: DirectoryVolumeStore;
let source: string;

beforeAll(async () => {
  place = await makeStorePlace();
  const { dataRoot, kernel, trash } = place;
  store = new DirectoryVolumeStore({ dataRoot, kernel, foreign: kernel, trash });
  source = join(place.around, "source");
  await mkdir(source);
});
afterAll(() => place[Symbol.asyncDispose](), 30_000);

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "none",
    (error: unknown) => String(error),
  );
}

describe("DirectoryVolumeStore", () => {
  test("make() marks what is new until settle(), and both may be repeated", async () => {
    await store.make("fresh");
    await store.make("fresh");
    expect(await store.list()).toContainEqual({ name: "fresh", isNew: true });
    await store.settle("fresh");
    await store.settle("fresh");
    await store.make("fresh");
    expect(await store.list()).toContainEqual({ name: "fresh", isNew: false });
    expect((await stat(store.path("fresh"))).mode & 0o7777).toBe(0o755);
    await store.discard("fresh");
    expect((await store.list()).map(({ name }) => name)).not.toContain("fresh");
  });

  test("fill() copies more than one call takes: files, folders, holes, both kinds of links, nodes, owners and times", async () => {
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, index) => [`many/${index % 7}/${index}`, `content ${index}`]));
    await writeTree(join(source, "tree"), {
      ...many,
      pipe: { fifo: true },
      null: { device: [1, 3] },
      away: { link: "/etc/passwd" },
      kept: { folder: { mode: 0o2751, uid: 5, gid: 6, mtime: 1_000_000_000 } },
    });
    await link(join(source, "tree/many/0/0"), join(source, "tree/second"));
    await writeFile(join(source, "tree/large"), "begin");
    await truncate(join(source, "tree/large"), 300 * 1024 * 1024);
    await store.make("full");
    expect(await store.fill("full", { root: source, path: "/tree" }, false)).toBe("done");
    const at = (name: string): string => join(store.path("full"), name);
    expect((await readdir(at("many"), { recursive: true })).length).toBe(2507);
    expect(await readFile(at("many/6/2498"), "utf8")).toBe("content 2498");
    expect((await stat(at("second"))).ino).toBe((await stat(at("many/0/0"))).ino);
    expect([(await lstat(at("pipe"))).isFIFO(), (await lstat(at("null"))).rdev, (await lstat(at("away"))).isSymbolicLink()]).toEqual([
      true,
      259,
      true,
    ]);
    const kept = await stat(at("kept"));
    expect([kept.mode & 0o7777, kept.uid, kept.gid, kept.mtimeMs]).toEqual([0o2751, 5, 6, 1e12]);
    expect((await stat(at("large"))).size).toBe(300 * 1024 * 1024);
    expect(await Bun.file(at("large")).slice(0, 6).text()).toBe("begin\0");
    expect((await stat(at("large"))).blocks).toBeLessThan(64);
    const small = Array.from({ length: 2500 }, (_, index) => `content ${index}`.length).reduce((sum, length) => sum + length);
    expect(await store.usage("full")).toBe(300 * 1024 * 1024 + small + "/etc/passwd".length);
    expect((await readdir(join(store.path("full"), ".."))).toSorted()).toEqual(["_data", "new"]);
    await store.discard("full");
    await rm(join(source, "tree"), { recursive: true });
  }, 30_000);

  test("a copy goes on in the middle of a file, and keeps the second names that it met before", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    await mkdir(join(source, "cut/deep"), { recursive: true });
    await writeFile(join(source, "cut/deep/file"), bytes);
    await link(join(source, "cut/deep/file"), join(source, "cut/again"));
    const target = join(place.around, "target");
    await mkdir(target);
    const request = { root: source, path: "/cut", target, budget: { entries: 1, bytes: 30_000 } };
    let progress = await place.kernel.run("copyTree", request);
    let calls = 1;
    for (; typeof progress !== "string" && progress.left.length > 0; calls += 1)
      progress = await place.kernel.run("copyTree", request, progress);
    expect(calls).toBeGreaterThan(4);
    expect(bytes.equals(await readFile(join(target, "deep/file")))).toBe(true);
    expect((await stat(join(target, "again"))).ino).toBe((await stat(join(target, "deep/file"))).ino);
  });

  test("fill() leaves alone what is not empty, what is no folder, and what is not there", async () => {
    await writeTree(source, { "dir/f": "new", file: "x", up: { link: "../../dir" }, absolute: { link: "/dir" } });
    await store.make("some");
    expect(await store.fill("some", { root: source, path: "/file" }, false)).toBe("file");
    expect(await store.fill("some", { root: source, path: "/nothing" }, false)).toBe("done");
    expect(await readdir(store.path("some"))).toEqual([]);
    // By the root's own links, however they are written.
    expect(await store.fill("some", { root: source, path: "/up" }, true)).toBe("done");
    expect(await readdir(store.path("some"))).toEqual(["f"]);
    await writeFile(join(store.path("some"), "f"), "old");
    expect(await store.fill("some", { root: source, path: "/absolute" }, false)).toBe("done");
    expect(await readFile(join(store.path("some"), "f"), "utf8")).toBe("old");
    await store.discard("some");
  });

  test("B12: a folder that becomes a link while a shared volume is filled leads nowhere", async () => {
    const canary = join(place.around, "canary");
    await mkdir(canary);
    await writeTree(join(source, "shared"), { "sub/planted": "x" });
    await store.make("shared");
    await symlink(canary, join(store.path("shared"), "sub"));
    const request = { root: source, path: "/shared", target: store.path("shared"), budget: { entries: 100, bytes: 1e6 } };
    expect(await failureOf(place.kernel.run("copyTree", request))).toMatch(/ELOOP|ENOTDIR/);
    expect(await readdir(canary)).toEqual([]);
    await store.discard("shared");
  });

  test("openSubpath() shows a folder or a file at a place, and follows no link out of the volume", async () => {
    await store.make("parts");
    await writeTree(store.path("parts"), { "in/f": "x", inside: { link: "in/f" }, out: { link: "../.." }, far: { link: "/etc" } });
    const shown = join(place.around, "shown");
    {
      await using opened = await store.openSubpath("parts", "in", shown);
      expect(await readdir(opened.path)).toEqual(["f"]);
    }
    {
      await using opened = await store.openSubpath("parts", "inside", shown);
      expect(await readFile(opened.path, "utf8")).toBe("x");
    }
    for (const subpath of ["out", "far", "far/passwd", "missing", "../full"])
      expect(await failureOf(store.openSubpath("parts", subpath, shown))).toContain("failed to open subpath");
    expect([mountPoints("self").includes(shown), await Bun.file(shown).exists()]).toEqual([false, false]);
    await store.discard("parts");
  });

  test("a device is mounted once and unmounted once, and a name that is no volume's is refused", async () => {
    await store.make("device");
    const options = { type: "tmpfs", device: "tmpfs", o: "size=64k,ro,rw,noexec" };
    await store.mountDevice("device", options);
    await store.mountDevice("device", options);
    expect(mountPoints("self").filter((path) => path === store.path("device"))).toHaveLength(1);
    await store.unmountDevice("device");
    await store.unmountDevice("device");
    expect(mountPoints("self")).not.toContain(store.path("device"));
    expect(await failureOf(store.mountDevice("device", { type: "none", device: "/nowhere", o: "bind" }))).toContain(
      "failed to mount local volume: mount /nowhere: ENOENT",
    );
    expect(() => store.path("../x")).toThrow("is no name of a volume");
    await store.discard("device");
  });
});

describe("resolveInRoot()", () => {
  test("walks links as the root's own processes would, and leaves what is not there as it was written", async () => {
    const root = join(place.around, "root");
    await writeTree(root, {
      "proc/self/x": "",
      "a/b/c": "",
      toproc: { link: "/proc" },
      "a/up": { link: "../../../../proc/self" },
      dangling: { link: "proc/nothing/../../later" },
      circle: { link: "circle" },
    });
    const resolve = (...paths: readonly string[]): Promise<readonly string[]> => place.kernel.run("resolveInRoot", { path: root }, paths);
    expect(await resolve("/a/b/c", "/toproc/x", "/a/up/y", "/dangling/z", "/new/../a/./n", "/a/b/c/d")).toEqual([
      "/a/b/c",
      "/proc/x",
      "/proc/self/y",
      "/later/z",
      "/a/n",
      "/a/b/c/d",
    ]);
    expect(await failureOf(resolve("/circle"))).toContain("ELOOP");
  });
});
