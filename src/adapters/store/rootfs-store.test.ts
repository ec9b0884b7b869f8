import { type Digest, isFault, newId } from "#base";
import { Kernel, rooted } from "#linux";
import { describe, expect, test } from "bun:test";
import { chmod, lstat, mkdtemp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RootfsPlace, rootfsStoreContract } from "../../../test/contract/rootfs-store.ts";
import { FolderLayers, type Tree } from "../../../test/support/folder-layers.ts";
import { mountsBelow } from "../../../test/support/mounts.ts";
import { RecordingKernel } from "../../../test/support/recording-kernel.ts";
import { OverlayRootfsStore } from "./rootfs-store.ts";
import { Trash } from "./trash.ts";

interface OverlayPlace extends RootfsPlace {
  readonly root: string;
  readonly layers: FolderLayers;
}

async function makePlace(): Promise<OverlayPlace> {
  const root = await mkdtemp(join(tmpdir(), "gantry-rootfs-"));
  const kernel = new Kernel();
  const layers = new FolderLayers(join(root, "layers"));
  const trash = new Trash({ folder: join(root, "trash"), kernel });
  const open = () => new OverlayRootfsStore({ dataRoot: root, runRoot: join(root, "run"), layers, kernel, trash });
  return {
    root,
    layers,
    store: open(),
    reopen: open,
    addLayer: (tree) => layers.add(tree),
    [Symbol.asyncDispose]: async () => {
      await trash.idle();
      for (const point of mountsBelow(root)) await kernel.run("detachMounts", point);
      await kernel[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

/** A mounted root over one layer. */
async function mounted(place: OverlayPlace, tree: Tree): Promise<AsyncDisposable & { readonly path: string }> {
  const layers = [await place.addLayer(tree)];
  const id = newId();
  await place.store.create(id, { layers, ephemeral: true });
  return await place.store.mount(id, { layers, ephemeral: true });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => (isFault(error, "invalid") ? error.message : `not invalid: ${String(error)}`),
  );
}

rootfsStoreContract("OverlayRootfsStore", makePlace);

describe("OverlayRootfsStore", () => {
  test("create(), mount() and letting go are one kernel call each, once an image has its stub layer", async () => {
    await using place = await makePlace();
    await using kernel = new Kernel();
    const layers = [await place.addLayer({ "bin/sh": "#!" })];
    const options = { layers, ephemeral: true };
    await place.store.create(newId(), options);
    const recorded = new RecordingKernel(kernel);
    const trash = new Trash({ folder: join(place.root, "trash"), kernel });
    const store = new OverlayRootfsStore({
      dataRoot: place.root,
      runRoot: join(place.root, "run"),
      layers: place.layers,
      kernel: recorded,
      trash,
    });
    await store.list();
    recorded.calls.length = 0;
    const id = newId();
    await store.create(id, options);
    const root = await store.mount(id, options);
    await root[Symbol.asyncDispose]();
    expect(recorded.calls).toEqual(["createRootfs", "mountRootfs", "detachMounts"]);
  });

  test("mount() takes 127 layers", async () => {
    await using place = await makePlace();
    const layers: Digest[] = [];
    for (let n = 0; n < 127; n += 1) layers.push(await place.addLayer({ [`layer/${n}`]: `${n}`, last: `${n}` }));
    const id = newId();
    await place.store.create(id, { layers, ephemeral: false });
    await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
    expect((await readdir(join(rootfs.path, "layer"))).length).toBe(127);
    expect(await readFile(join(rootfs.path, "last"), "utf8")).toBe("126");
  });

  test("mount() takes a data root whose name overlayfs would split", async () => {
    await using place = await makePlace();
    const root = join(place.root, "a:b,c\\d e");
    await mkdir(root);
    await using kernel = new Kernel();
    const layers = new FolderLayers(join(root, "layers"));
    const trash = new Trash({ folder: join(root, "trash"), kernel });
    const store = new OverlayRootfsStore({ dataRoot: root, runRoot: root, layers, kernel, trash });
    const options = { layers: [await layers.add({ name: "image" })], ephemeral: false };
    const id = newId();
    await store.create(id, options);
    await using rootfs = await store.mount(id, options);
    expect(await readFile(join(rootfs.path, "name"), "utf8")).toBe("image");
    await trash.idle();
  });

  test("mount() leaves no mount when it is disposed, nor after a failure", async () => {
    await using place = await makePlace();
    const rootfs = await mounted(place, { name: "x" });
    expect(mountsBelow(place.root)).toEqual([rootfs.path]);
    await rootfs[Symbol.asyncDispose]();
    const id = newId();
    const layers: Digest[] = [`sha256:${"f".repeat(64)}`];
    const made = await place.store.create(id, { layers, ephemeral: false }).then(
      () => "made",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    expect(made).toContain(place.layers.lowerdir(`sha256:${"f".repeat(64)}`));
    expect(mountsBelow(place.root)).toEqual([]);
    expect((await readdir(join(place.root, "stubs"))).length).toBe(1);
  });

  test("create() throws away stub layers that a killed daemon was making, and those whose layers are gone", async () => {
    await using place = await makePlace();
    const removed = await place.addLayer({ name: "removed" });
    const kept = await place.addLayer({ name: "kept" });
    for (const layers of [[removed, kept], [kept], []]) await place.store.create(newId(), { layers, ephemeral: false });
    await mkdir(join(place.root, "stubs/.new-lost/tree/etc"), { recursive: true });
    await place.layers.remove(removed);
    expect((await readdir(join(place.root, "stubs"))).length).toBe(4);
    const layers = [await place.addLayer({ name: "new" })];
    await place.reopen().create(newId(), { layers, ephemeral: false });
    const left = await readdir(join(place.root, "stubs"));
    expect([left.length, left.filter((name) => name.startsWith("."))]).toEqual([3, []]);
  });

  test("create() of many chains at once throws away none of them", async () => {
    await using place = await makePlace();
    const chains: Digest[][] = [];
    for (let n = 0; n < 12; n += 1) chains.push([await place.addLayer({ name: `${n}` })]);
    await Promise.all(chains.map((layers) => place.store.create(newId(), { layers, ephemeral: true })));
    expect((await readdir(join(place.root, "stubs"))).length).toBe(12);
  });

  test("mount() makes a stub layer again that is gone", async () => {
    await using place = await makePlace();
    const options = { layers: [await place.addLayer({ dev: { link: "/tmp" } })], ephemeral: false };
    const id = newId();
    await place.store.create(id, options);
    await rm(join(place.root, "stubs"), { recursive: true });
    await using rootfs = await place.store.mount(id, options);
    expect((await lstat(join(rootfs.path, "dev"))).isDirectory()).toBe(true);
  });

  test("container folders are closed to everybody but root", async () => {
    await using place = await makePlace();
    const id = newId();
    await place.store.create(id, { layers: [], ephemeral: false });
    const gone = newId();
    await place.store.create(gone, { layers: [], ephemeral: false });
    await place.store.remove(gone);
    for (const folder of [place.store.folder(id), join(place.root, "containers"), join(place.root, "stubs"), join(place.root, "trash")]) {
      expect([folder, (await lstat(folder)).mode & 0o777]).toEqual([folder, 0o700]);
    }
  });
});

describe("an image's links where the runtime mounts (A15)", () => {
  const places = [
    "dev",
    "proc",
    "sys",
    "etc",
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/mtab",
    "dev/shm",
    "dev/pts",
    "dev/console",
    ".dockerenv",
  ];

  for (const [kind, linkTo] of [
    ["absolute", (canary: string) => canary],
    ["relative", (canary: string) => `../../../../../../../../..${canary}`],
    ["chained", (_canary: string) => "/stage"],
  ] as const) {
    test(`${kind} links are replaced and what they named stays untouched`, async () => {
      await using place = await makePlace();
      const canary = join(place.root, "canary");
      await mkdir(canary);
      await writeFile(join(canary, "kept"), "kept");
      const before = await lstat(canary, { bigint: true });
      for (const path of places) {
        await using rootfs = await mounted(place, { stage: { link: canary }, [path]: { link: linkTo(canary) } });
        for (const [name, isFolder] of [
          ["dev", true],
          ["dev/shm", true],
          ["dev/pts", true],
          ["proc", true],
          ["sys", true],
          ["etc", true],
          ["etc/hosts", false],
          ["etc/hostname", false],
          ["etc/resolv.conf", false],
          ["dev/console", false],
          [".dockerenv", false],
        ] as const) {
          const found = await lstat(join(rootfs.path, name));
          expect([path, name, found.isDirectory(), found.isFile()]).toEqual([path, name, isFolder, !isFolder]);
          // What the runtime does before the container has a root of its own.
          if (isFolder) await mkdir(join(rootfs.path, name, "ptmx"));
          else await writeFile(join(rootfs.path, name), "written");
        }
      }
      const after = await lstat(canary, { bigint: true });
      expect([await readdir(canary), await readFile(join(canary, "kept"), "utf8")]).toEqual([["kept"], "kept"]);
      expect([after.ino, after.mtimeNs, after.mode]).toEqual([before.ino, before.mtimeNs, before.mode]);
    });
  }

  test("files, devices and folders where a stub belongs are replaced too", async () => {
    await using place = await makePlace();
    const bad: Tree[] = [
      { dev: "file", proc: { fifo: true }, sys: { device: [1, 3] } },
      { "etc/hosts/inner/file": "x", "etc/mtab": { device: [1, 5] }, ".dockerenv/x": "y" },
    ];
    for (const tree of bad) {
      await using rootfs = await mounted(place, tree);
      for (const name of ["dev", "proc", "sys"]) expect((await lstat(join(rootfs.path, name))).isDirectory()).toBe(true);
      for (const name of ["etc/hosts", ".dockerenv"]) expect((await lstat(join(rootfs.path, name))).size).toBe(0);
    }
  });
});

describe("folders that a layer only implies (A24)", () => {
  const sticky: Tree = { tmp: { folder: { mode: 0o1777, uid: 5, gid: 6, mtime: 1_000_000_000 } } };

  async function modesOf(place: OverlayPlace, layers: readonly Digest[], paths: readonly string[]): Promise<readonly unknown[]> {
    const id = newId();
    await place.store.create(id, { layers, ephemeral: false });
    await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
    const seen = async (path: string) => {
      const { mode, uid, gid, mtimeMs } = await lstat(join(rootfs.path, path));
      return [path, (mode & 0o7777).toString(8), uid, gid, mtimeMs === 1_000_000_000_000];
    };
    return await Promise.all(paths.map(seen));
  }

  test("keep the attributes of the layer below, through layers that imply them again", async () => {
    await using place = await makePlace();
    const layers = [
      await place.layers.add(sticky),
      await place.layers.add({ "tmp/x/file": "x" }, ["tmp", "tmp/x"]),
      await place.layers.add({ "tmp/x/more": "x", "opt/a": "a" }, ["tmp", "tmp/x", "opt"]),
    ];
    expect(await modesOf(place, layers, ["tmp", "tmp/x", "tmp/x/more", "opt"])).toEqual([
      ["tmp", "1777", 5, 6, true],
      ["tmp/x", "755", 0, 0, false],
      ["tmp/x/more", "644", 0, 0, false],
      ["opt", "755", 0, 0, false],
    ]);
  });

  test("take the highest layer that describes them", async () => {
    await using place = await makePlace();
    const layers = [
      await place.layers.add(sticky),
      await place.layers.add({ tmp: { folder: { mode: 0o700, uid: 1 } } }),
      await place.layers.add({ "tmp/x": "x" }, ["tmp"]),
    ];
    expect(await modesOf(place, layers, ["tmp"])).toEqual([["tmp", "700", 1, 0, false]]);
    expect(await modesOf(place, layers.slice(0, 2), ["tmp"])).toEqual([["tmp", "700", 1, 0, false]]);
  });

  test("stay as they are where the layer below was hidden: by a whiteout, a file, an opaque folder", async () => {
    await using place = await makePlace();
    const base = await place.layers.add({ "a/tmp": { folder: { mode: 0o1777 } } });
    const above = await place.layers.add({ "a/tmp/x": "x" }, ["a", "a/tmp"]);
    for (const hiding of [{ "a/tmp": { device: [0, 0] } }, { a: "file" }, { a: { device: [0, 0] } }] satisfies Tree[]) {
      const layers = [base, await place.layers.add(hiding), above];
      expect(await modesOf(place, layers, ["a/tmp"])).toEqual([["a/tmp", "755", 0, 0, false]]);
    }
    const opaque = await place.layers.add({ "a/tmp/x": "x" }, ["a", "a/tmp"]);
    const fd = rooted.openPath(-100, join(place.layers.lowerdir(opaque), "a"), { flags: constants.O_RDONLY, resolve: 0 });
    expect(rooted.setXattr(fd, "trusted.overlay.opaque", Buffer.from("y"))).toBe(0);
    rooted.close(fd);
    expect(await modesOf(place, [base, opaque], ["a/tmp"])).toEqual([["a/tmp", "755", 0, 0, false]]);
  });

  test("a folder that a higher layer replaced does not come back", async () => {
    await using place = await makePlace();
    const layers = [
      await place.layers.add(sticky),
      await place.layers.add({ "tmp/x": "x" }, ["tmp"]),
      await place.layers.add({ tmp: "a file" }),
    ];
    const id = newId();
    await place.store.create(id, { layers, ephemeral: false });
    await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
    expect(await readFile(join(rootfs.path, "tmp"), "utf8")).toBe("a file");
  });

  test("keep extended attributes and names that are no UTF-8, and yield to the stubs", async () => {
    await using place = await makePlace();
    const low = await place.layers.add({ etc: { folder: { mode: 0o700 } }, "etc/hosts/x": "x" });
    const high = await place.layers.add({ "etc/hosts/y": "y" }, ["etc", "etc/hosts", "\xff\xfe"]);
    const odd = Buffer.from([0xff, 0xfe]);
    for (const [layer, mode] of [
      [low, 0o1700],
      [high, 0o755],
    ] as const) {
      const folder = Buffer.concat([Buffer.from(`${place.layers.lowerdir(layer)}/`), odd]);
      await mkdir(folder);
      await chmod(folder, mode);
    }
    const fd = rooted.openPath(-100, join(place.layers.lowerdir(low), "etc"), { flags: constants.O_RDONLY, resolve: 0 });
    expect(rooted.setXattr(fd, "user.kept", Buffer.from("value"))).toBe(0);
    rooted.close(fd);
    const id = newId();
    await place.store.create(id, { layers: [low, high], ephemeral: false });
    await using rootfs = await place.store.mount(id, { layers: [low, high], ephemeral: false });
    const etc = rooted.openPath(-100, join(rootfs.path, "etc"), { flags: constants.O_RDONLY, resolve: 0 });
    const value = new Uint8Array(16);
    expect(Buffer.from(value.subarray(0, rooted.getXattr(etc, "user.kept", value))).toString()).toBe("value");
    rooted.close(etc);
    expect((await lstat(Buffer.concat([Buffer.from(`${rootfs.path}/`), odd]))).mode & 0o7777).toBe(0o1700);
    expect([(await lstat(join(rootfs.path, "etc"))).mode & 0o7777, (await lstat(join(rootfs.path, "etc/hosts"))).isFile()]).toEqual([
      0o700,
      true,
    ]);
  });
});

describe("lookupUser() of a hostile root", () => {
  const large = "cannot read /etc/group of the container: too large (at most 10 MiB are read)";
  const special = "cannot read /etc/passwd of the container: not a regular file";
  const nobody = "unable to find user root: no matching entries in passwd file";

  const rows: readonly (readonly [string, Tree, string])[] = [
    ["a FIFO", { "etc/passwd": { fifo: true } }, special],
    ["a link to a device that never ends", { "dev2/zero": { device: [1, 5] }, "etc/passwd": { link: "/dev2/zero" } }, special],
    ["a device", { "etc/passwd": { device: [1, 5] } }, special],
    ["a folder", { "etc/passwd/x": "" }, special],
    ["a link to the host's file by an absolute path", { "etc/passwd": { link: "/etc/shadow" } }, nobody],
    ["a link to the host's file by a relative path", { "etc/passwd": { link: "../../../../../../../../etc/passwd-" } }, nobody],
    ["a link to the reader's own files", { "etc/passwd": { link: "/proc/self/root/etc/passwd" } }, nobody],
    ["a loop", { "etc/passwd": { link: "passwd" } }, "cannot read /etc/passwd of the container: too many links"],
    ["nothing", {}, nobody],
  ];

  for (const [what, tree, expected] of rows) {
    test(`/etc/passwd is ${what} (A17)`, async () => {
      await using place = await makePlace();
      await using rootfs = await mounted(place, tree);
      expect(await refusal(place.store.lookupUser(rootfs, "root", []))).toBe(expected);
    });
  }

  test("/etc/group has 2 GiB (A17)", async () => {
    await using place = await makePlace();
    const layer = await place.addLayer({ "etc/passwd": "root:x:0:0::/:\n", "etc/group": "" });
    await truncate(join(place.layers.lowerdir(layer), "etc/group"), 2 * 1024 ** 3);
    const id = newId();
    await place.store.create(id, { layers: [layer], ephemeral: true });
    await using rootfs = await place.store.mount(id, { layers: [layer], ephemeral: true });
    const from = performance.now();
    expect(await refusal(place.store.lookupUser(rootfs, "root", []))).toBe(large);
    expect(performance.now() - from).toBeLessThan(2000);
  });

  test("a link inside the root is followed", async () => {
    await using place = await makePlace();
    await using rootfs = await mounted(place, { "usr/etc/passwd": "bob:x:12:13::/srv/bob:\n", "etc/passwd": { link: "/usr/etc/passwd" } });
    expect(await place.store.lookupUser(rootfs, "bob", [])).toEqual({ uid: 12, gid: 13, additionalGids: [13], home: "/srv/bob" });
  });

  test("a live process's root is read through the process", async () => {
    await using place = await makePlace();
    expect(await place.store.lookupUser({ pid: process.pid }, "0", [])).toMatchObject({ uid: 0, gid: 0 });
  });
});
