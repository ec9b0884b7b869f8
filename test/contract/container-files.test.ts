// Files in and out of the layers of a container that does not run, by the threads that do it in the daemon.
import { newId, type Digest } from "#base";
import type { RootfsLayers, TreeAccess } from "#container";
import { ThreadContainerFiles } from "#files";
import { tarEnd, type TarEntry } from "#image";
import { Kernel } from "#linux";
import { OverlayRootfsStore, Trash } from "#store";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, chown, link, mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { archive, type ArchiveMember, utf8 } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { FolderLayers, type Tree } from "../support/folder-layers.ts";
import { listTar } from "../support/tar-listing.ts";
import { xattrsOf } from "../support/xattrs.ts";

setDefaultTimeout(30_000);

let around: string;
let kernel: Kernel;
let store: OverlayRootfsStore;
let layers: FolderLayers;
const files = new ThreadContainerFiles();

beforeAll(async () => {
  around = await mkdtemp(join(tmpdir(), "gantry-files-"));
  kernel = new Kernel();
  layers = new FolderLayers(join(around, "layers"));
  const dataRoot = join(around, "data");
  const trash = new Trash({ folder: join(dataRoot, "trash"), kernel });
  store = new OverlayRootfsStore({ dataRoot, runRoot: join(around, "run"), layers, kernel, trash });
});

afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await kernel[Symbol.asyncDispose]();
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(around);
  await rm(around, { recursive: true });
});

interface Made {
  readonly layers: RootfsLayers;
  readonly tree: TreeAccess;
}

async function make(...trees: readonly Tree[]): Promise<Made> {
  const chain: Digest[] = [];
  for (const tree of trees) chain.push(await layers.add(tree));
  const id = newId();
  await store.create(id, { layers: chain, ephemeral: false });
  const found = await store.layers(id, chain);
  return { layers: found, tree: { kind: "still", layers: found, mounts: [], readOnly: false } };
}

async function* inPieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const put = (tree: TreeAccess, path: string, members: readonly ArchiveMember[], options = { keepKinds: false }): Promise<void> =>
  files.extract(tree, path, inPieces(archive(members)), options);

async function get(tree: TreeAccess, path: string): Promise<Record<string, string>> {
  const { bytes } = await files.read(tree, path);
  return Object.fromEntries(listTar(await gather(bytes)).map(({ entry, content }) => [entry.name, entry.linkName || content]));
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => (error instanceof Error && "fault" in error ? [error.fault, error.message] : error),
  );
}

describe("read()", () => {
  test("tells all of files, directories, links, devices and FIFOs, and files with two names once", async () => {
    const made = await make({
      "d/file": "content",
      "d/link": { link: "/else/where" },
      "d/pipe": { fifo: true },
      "d/device": { device: [5, 6] },
      "d/sub": { folder: { mode: 0o1777, uid: 7, gid: 8, mtime: 1_500_000_000 } },
    });
    const lower = made.layers.lowerdirs.at(-1) ?? "";
    await chown(join(lower, "d/file"), 12, 3_000_000);
    await chmod(join(lower, "d/file"), 0o4750);
    await link(join(lower, "d/file"), join(lower, "d/again"));
    const { status, bytes } = await files.read(made.tree, "/d");
    const listed = listTar(await gather(bytes)).map(({ entry: { type, name, linkName, mode, uid, gid, major, minor }, content }) => [
      type,
      name,
      linkName || content,
      mode.toString(8),
      `${uid}:${gid}`,
      `${major},${minor}`,
    ]);
    expect(listed).toEqual([
      ["directory", "d/", "", "755", "0:0", "0,0"],
      ["file", "d/again", "content", "4750", "12:3000000", "0,0"],
      ["char", "d/device", "", "644", "0:0", "5,6"],
      ["hardlink", "d/file", "d/again", "4750", "12:3000000", "0,0"],
      ["symlink", "d/link", "/else/where", "777", "0:0", "0,0"],
      ["fifo", "d/pipe", "", "644", "0:0", "0,0"],
      ["directory", "d/sub/", "", "1777", "7:8", "0,0"],
    ]);
    expect(status).toMatchObject({ name: "d", linkTarget: "" });
  });

  test("keeps names that are no UTF-8, long ones, and files of many pieces byte for byte", async () => {
    const made = await make({ "d/x": "" });
    const names = ["\xff\xfe", "new\nline", "x".repeat(255), utf8("日本"), "-rf", " "];
    const large = new Uint8Array(5_000_000).map((_, index) => index * 31);
    const members = names.map((name) => ({ name: `d/${name}`, content: name }));
    await put(made.tree, "/", [...members, { name: "d/large", content: large }]);
    const { bytes } = await files.read(made.tree, "/d");
    const listed = new Map(listTar(await gather(bytes)).map(({ entry, content }) => [entry.name, content]));
    expect([...listed.keys()].toSorted()).toEqual(["d/", "d/x", "d/large", ...names.map((name) => `d/${name}`)].toSorted());
    expect(Buffer.from(listed.get("d/large") ?? "", "latin1").equals(large)).toBe(true);
    expect(Buffer.from(listed.get(`d/${utf8("日本")}`) ?? "", "latin1").toString()).toBe("æ\u0097¥æ\u009c¬");
  });

  test("names the top as the path does, and follows a link only where the path asks for a directory", async () => {
    const { tree } = await make({ "d/f": "1", to: { link: "/d" }, file: { link: "d/f" } });
    expect(Object.keys(await get(tree, "/d/."))).toEqual(["./", "./f"]);
    expect(Object.keys(await get(tree, "/to/"))).toEqual(["to/", "to/f"]);
    expect(await get(tree, "/to")).toEqual({ to: "/d" });
    expect(await get(tree, "/to/f")).toEqual({ f: "1" });
    expect((await files.status(tree, "/file")).linkTarget).toBe("/d/f");
    expect(Object.keys(await get(tree, "/"))).toContain("/d/f");
  });

  test("of what is not there, or below a file, is refused", async () => {
    const { tree } = await make({ "d/f": "1", loop: { link: "loop" } });
    expect(await failure(files.read(tree, "/d/g"))).toEqual(["not-found", "/d/g"]);
    expect(await failure(files.status(tree, "/d/f/g"))).toEqual(["internal", "lstat /d/f/g: not a directory"]);
    expect(await failure(files.status(tree, "/loop"))).toEqual(["invalid", '"/loop": too many links']);
  });

  test("that is left in the middle lets go of everything", async () => {
    const made = await make({ "d/f": "1" });
    await put(made.tree, "/d", [{ name: "big", content: new Uint8Array(3_000_000) }]);
    for (let round = 0; round < 20; round += 1) {
      const { bytes } = await files.read(made.tree, "/d");
      for await (const _piece of bytes) break;
    }
    expect(Object.keys(await get(made.tree, "/d"))).toEqual(["d/", "d/big", "d/f"]);
  });
});

describe("extract()", () => {
  test("gives everything back as it was: a copy of a copy is equal", async () => {
    const from = await make({ "d/f": "1" });
    const capability = "\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    await put(from.tree, "/d", [
      {
        name: "run",
        mode: 0o6755,
        uid: 1,
        gid: 2,
        content: "x",
        xattrs: new Map([
          ["security.capability", capability],
          ["user.kept", "\0\xff"],
        ]),
      },
      { name: "run2", type: "hardlink", linkName: "run" },
      { name: "l", type: "symlink", linkName: "../../../etc/\xff", uid: 3, gid: 4 },
      { name: "sub", type: "directory", mode: 0o2711, uid: 5, gid: 6, mtime: { seconds: 1_234_567_890, nanos: 0 } },
      { name: "sub/inner", content: "y", mtime: { seconds: -5, nanos: 0 } },
      { name: "p", type: "fifo", mode: 0o620 },
      { name: "c", type: "char", major: 300, minor: 70_000, mode: 0o600, uid: 9, gid: 9 },
      { name: "b", type: "block", major: 8, minor: 1, mode: 0o660 },
    ]);
    const first = await gather((await files.read(from.tree, "/d")).bytes);
    const to = await make({});
    await files.extract(to.tree, "/", inPieces(first), { keepKinds: true });
    const second = await gather((await files.read(to.tree, "/d")).bytes);
    const facts = (bytes: Uint8Array): readonly unknown[] =>
      listTar(bytes).map(({ entry, content }) => ({ ...entry, content, xattrs: [...entry.xattrs], mtime: mtimeOf(entry) }));
    expect(facts(second)).toEqual(facts(first));
    expect(xattrsOf(join(to.layers.upperdir, "d/run"))).toMatchObject({ "user.kept": "\0\xff", "security.capability": capability });
  });

  test("replaces what is there, keeps what it says nothing of, and makes directories on the way", async () => {
    const { tree } = await make({ "d/f": "old", "d/kept": "kept", "d/folder/in": "x", "d/l": { link: "/d/kept" } });
    await put(tree, "/d", [
      { name: "f", content: "new" },
      { name: "folder", content: "now a file" },
      { name: "l", content: "no link any more" },
      { name: "a/b/c", content: "deep" },
      { name: ".wh.kept", content: "a plain name here" },
      { name: ".", type: "directory", mode: 0o700 },
    ]);
    expect(await get(tree, "/d")).toEqual({
      "d/": "",
      "d/.wh.kept": "a plain name here",
      "d/a/": "",
      "d/a/b/": "",
      "d/a/b/c": "deep",
      "d/f": "new",
      "d/folder": "now a file",
      "d/kept": "kept",
      "d/l": "no link any more",
    });
    expect((await files.status(tree, "/d")).mode & 0o777).toBe(0o755);
  });

  test("with keepKinds refuses a file over a directory and the other way round, as Docker words it", async () => {
    const { tree } = await make({ "d/f": "1", "d/folder/in": "x" });
    const strict = { keepKinds: true };
    expect(await failure(put(tree, "/d", [{ name: "folder", content: "" }], strict))).toEqual([
      "internal",
      'cannot overwrite directory "folder" with non-directory "/d"',
    ]);
    expect(await failure(put(tree, "/d", [{ name: "f/", type: "directory" }], strict))).toEqual([
      "internal",
      'cannot overwrite non-directory "f" with directory "/d"',
    ]);
    expect(await get(tree, "/d/folder")).toEqual({ "folder/": "", "folder/in": "x" });
  });

  test("gives everything to one owner where it is told so", async () => {
    const { tree, layers: found } = await make({ "d/f": "1" });
    await files.extract(tree, "/d", inPieces(archive([{ name: "g", content: "", uid: 5 }])), {
      keepKinds: false,
      owner: { uid: 33, gid: 44 },
    });
    const { bytes } = await files.read(tree, "/d/g");
    expect(listTar(await gather(bytes))[0]?.entry).toMatchObject({ uid: 33, gid: 44 });
    expect(found.upperdir).toContain(around);
  });

  test("takes gzip and zstd, in pieces of any size, and names what it does not read", async () => {
    const plain = archive([{ name: "f", content: "packed".repeat(1000) }]);
    for (const bytes of [gzipSync(plain), zstdCompressSync(plain)]) {
      const { tree } = await make({ "d/x": "" });
      await files.extract(tree, "/d", inPieces(bytes, 11), { keepKinds: false });
      expect((await get(tree, "/d/f"))["f"]).toBe("packed".repeat(1000));
      expect(await failure(files.extract(tree, "/d", inPieces(bytes.subarray(0, bytes.length / 2)), { keepKinds: false }))).not.toBe(
        "no failure",
      );
    }
  });

  test("of nothing is done, and of half an archive is refused", async () => {
    const { tree } = await make({ "d/x": "" });
    await files.extract(tree, "/d", inPieces(new Uint8Array(0)), { keepKinds: false });
    await files.extract(tree, "/d", inPieces(tarEnd()), { keepKinds: false });
    const whole = archive([{ name: "f", content: "x".repeat(3000) }]);
    for (const size of [7, 600, 1500]) {
      const cut = files.extract(tree, "/d", inPieces(whole.subarray(0, size)), { keepKinds: false });
      expect(await failure(cut)).toEqual(["internal", "unexpected EOF"]);
    }
    expect(await failure(put(tree, "/d/x", []))).toEqual(["invalid", "extraction point is not a directory"]);
    expect(await failure(put(tree, "/gone", []))).toEqual(["not-found", "/gone"]);
  });

  test("writes nothing where the root is read-only", async () => {
    const { tree } = await make({ "d/x": "" });
    const shut = { ...tree, readOnly: true } as TreeAccess;
    expect(await failure(put(shut, "/d", [{ name: "f", content: "" }]))).toEqual(["invalid", "container rootfs is marked read-only"]);
    expect(await get(tree, "/d")).toEqual({ "d/": "", "d/x": "" });
  });
});

describe("attacks", () => {
  const outside = (canary: string): readonly (readonly [string, readonly ArchiveMember[]])[] => [
    ["name-with-dots", [{ name: "../../../../../../../..".concat(canary, "/secret"), content: "x" }]],
    ["absolute-name", [{ name: `${canary}/secret`, content: "x" }]],
    [
      "symlink-then-file",
      [
        { name: "l", type: "symlink", linkName: canary },
        { name: "l/secret", content: "x" },
      ],
    ],
    [
      "symlink-to-root-then-deep",
      [
        { name: "l", type: "symlink", linkName: "/" },
        { name: `l${canary}/secret`, content: "x" },
      ],
    ],
    [
      "link-chain-up",
      [
        { name: "a/b/up", type: "symlink", linkName: "../.." },
        { name: "a/e", type: "symlink", linkName: "b/up/../../../../../.." },
        { name: `a/e${canary}/secret`, content: "x" },
      ],
    ],
    [
      "hardlink-to-host",
      [
        { name: "h", type: "hardlink", linkName: `${canary}/secret` },
        { name: "h", content: "x" },
      ],
    ],
    [
      "hardlink-through-link",
      [
        { name: "s", type: "symlink", linkName: `${canary}/secret` },
        { name: "h", type: "hardlink", linkName: "s", mode: 0o777 },
        { name: "h", mode: 0o777, content: "x" },
      ],
    ],
    [
      "folder-over-link",
      [
        { name: "s", type: "symlink", linkName: canary },
        { name: "s", type: "directory", mode: 0o777 },
        { name: "s/secret", content: "x" },
      ],
    ],
    [
      "device-over-link",
      [
        { name: "s", type: "symlink", linkName: `${canary}/secret` },
        { name: "s", type: "char", major: 1, minor: 3, mode: 0o777 },
      ],
    ],
    [
      "magic-link",
      [
        { name: "m", type: "symlink", linkName: "/proc/self/root" },
        { name: `m${canary}/secret`, content: "x" },
      ],
    ],
    [
      "overlay-marks",
      [
        {
          name: "d",
          type: "directory",
          xattrs: new Map([
            ["trusted.overlay.opaque", "y"],
            ["trusted.overlay.redirect", "/"],
          ]),
        },
      ],
    ],
  ];

  test("by archives leave what lies outside alone (B06, A01, A02)", async () => {
    await using canary = await Canary.plant(join(around, "canary"));
    for (const [name, members] of outside(canary.path)) {
      const { tree } = await make({ "t/x": "", "t/d/kept": "kept" });
      await failure(put(tree, "/t", members));
      expect({ name, found: canary.violations() }).toEqual({ name, found: [] });
      if (name === "overlay-marks") expect((await get(tree, "/t/d"))["d/kept"]).toBe("kept");
    }
  });

  test("by links in the tree: they are copied as links, and never read through (B06)", async () => {
    await using canary = await Canary.plant(join(around, "canary"));
    const { tree, layers: found } = await make({
      "t/f": { link: `${canary.path}/secret` },
      "t/d": { link: canary.path },
      "t/up": { link: "../../../../../../../../../.." },
      "t/proc": { link: "/proc/self/root" },
    });
    const seen: string[] = [];
    for (const path of [
      "/t",
      "/t/f",
      "/t/d",
      "/t/up",
      "/t/f/",
      "/t/d/.",
      "/t/d/secret",
      `/t/up${canary.path}/secret`,
      `/t/proc${canary.path}/secret`,
    ]) {
      seen.push(JSON.stringify(await get(tree, path).catch((error: unknown) => String(error))));
    }
    seen.push(Buffer.from(await gather(files.export(found))).toString("latin1"));
    expect(canary.violations({ texts: seen })).toEqual([]);
    expect(await get(tree, "/t/f")).toEqual({ f: `${canary.path}/secret` });
  });
});

describe("mounts", () => {
  test("are seen and written through, also behind a link of the image, and read-only ones are not written (B05)", async () => {
    const { tree } = await make({ "run/x": { folder: {} }, "var/run": { link: "/run" }, "etc/f": "image" });
    const source = join(around, "source");
    await mkdir(join(source, "inner"), { recursive: true });
    await writeFile(join(source, "inner/f"), "host");
    await writeFile(join(around, "one"), "one file");
    const mounts = [
      { source, target: "/var/run/x", readOnly: false },
      { source, target: "/made/for/it", readOnly: true },
      { source: join(around, "one"), target: "/etc/f", readOnly: false },
    ];
    const shown = { ...tree, mounts } as TreeAccess;
    expect(await get(shown, "/run/x/inner")).toEqual({ "inner/": "", "inner/f": "host" });
    expect(await get(shown, "/etc/f")).toEqual({ f: "one file" });
    await put(shown, "/var/run/x", [{ name: "inner/g", content: "written" }]);
    expect(readFileSync(join(source, "inner/g"), "utf8")).toBe("written");
    expect(await failure(put(shown, "/made/for/it", [{ name: "h", content: "" }]))).toEqual([
      "invalid",
      "mounted volume is marked read-only",
    ]);
    expect(await failure(put(shown, "/var/run", [{ name: "x", content: "" }]))).toEqual([
      "conflict",
      '"x" is a mount point and cannot be replaced',
    ]);
    expect(readFileSync(join(source, "inner/f"), "utf8")).toBe("host");
    expect(await get(tree, "/etc/f")).toEqual({ f: "image" });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(around);
  });
});

describe("changes()", () => {
  test("are what differs: added, deleted, modified, with the directories above", async () => {
    const made = await make(
      { "d/f": "1", "d/gone": "x", "d/same": "s", "e/in/side": "1", "keep/x": "1", "swap/a": "1", "swap/b": "2" },
      { "d/low": "over" },
    );
    const id = made.layers.upperdir.split("/").at(-2) ?? "";
    const chain = (await layers.list()).slice(-2).map(({ diffId }) => diffId);
    {
      await using root = await store.mount(id, { layers: chain, ephemeral: false });
      const at = (path: string): string => join(root.path, path);
      await writeFile(at("d/f"), "22");
      await rm(at("d/gone"));
      await rm(at("e"), { recursive: true });
      await rm(at("swap"), { recursive: true });
      await mkdir(at("swap"));
      await writeFile(at("swap/b"), "2!");
      await mkdir(at("new/sub"), { recursive: true });
      await symlink("x", at("new/sub/l"));
      await chmod(at("keep"), 0o700);
      // Opened for writing, and nothing written: copied up, and the same.
      await using handle = await open(at("d/same"), "r+");
      expect((await handle.stat()).size).toBe(1);
    }
    expect((await files.changes(made.layers)).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "modified /d",
      "modified /d/f",
      "deleted /d/gone",
      "deleted /e",
      "modified /keep",
      "added /new",
      "added /new/sub",
      "added /new/sub/l",
      "modified /swap",
      "deleted /swap/a",
      "modified /swap/b",
    ]);
  });

  test("of an untouched container are none, whatever its image is like", async () => {
    for (const trees of [[], [{}], [{ "etc/passwd": "x" }, { "etc/group": "y" }]])
      expect(await files.changes((await make(...trees)).layers)).toEqual([]);
  });
});

test("export() gives the whole tree without a name for its top", async () => {
  const made = await make({ "d/f": "low", "d/g": "g" }, { "d/f": "high" });
  const names = listTar(await gather(files.export(made.layers))).map(({ entry, content }) => `${entry.name}${content}`);
  expect(names).toEqual([
    ".dockerenv",
    "d/",
    "d/fhigh",
    "d/gg",
    "dev/",
    "dev/console",
    "dev/pts/",
    "dev/shm/",
    "etc/",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
    "proc/",
    "sys/",
  ]);
});

function mtimeOf({ type, mtime }: TarEntry): number {
  // A link's own time is set too; only directories that were made on the way have today's.
  return type === "directory" ? 0 : mtime.seconds;
}
