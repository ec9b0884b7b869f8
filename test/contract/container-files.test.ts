// Files in and out of the layers of a container that does not run.
import type { TreeAccess } from "#container";
import { tarEnd, type TarEntry } from "#image";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, chown, link, mkdir, open, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compressions, packed } from "../support/packed.ts";
import { archive, utf8 } from "../support/archive.ts";
import { FilesPlace, gather, inPieces, refusal } from "../support/files-place.ts";
import { listTar } from "../support/tar-listing.ts";
import { xattrsOf } from "../support/xattrs.ts";

setDefaultTimeout(30_000);

let place: FilesPlace;

beforeAll(async () => {
  place = await FilesPlace.make();
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

describe("read()", () => {
  test("tells all of files, directories, links, devices and FIFOs, and files with two names once", async () => {
    const made = await place.container({
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
    const { status, bytes } = await place.files.read(made.tree, "/d");
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
    const made = await place.container({ "d/x": "" });
    const names = ["\xff\xfe", "new\nline", "x".repeat(255), utf8("日本"), "-rf", " "];
    const large = new Uint8Array(5_000_000).map((_, index) => index * 31);
    const members = names.map((name) => ({ name: `d/${name}`, content: name }));
    await place.put(made.tree, "/", [...members, { name: "d/large", content: large }]);
    const { bytes } = await place.files.read(made.tree, "/d");
    const listed = new Map(listTar(await gather(bytes)).map(({ entry, content }) => [entry.name, content]));
    expect([...listed.keys()].toSorted()).toEqual(["d/", "d/x", "d/large", ...names.map((name) => `d/${name}`)].toSorted());
    expect(Buffer.from(listed.get("d/large") ?? "", "latin1").equals(large)).toBe(true);
    expect(Buffer.from(listed.get(`d/${utf8("日本")}`) ?? "", "latin1").toString()).toBe("æ\u0097¥æ\u009c¬");
  });

  test("names the top as the path does, and follows a link only where the path asks for a directory", async () => {
    const { tree } = await place.container({ "d/f": "1", to: { link: "/d" }, file: { link: "d/f" } });
    expect(Object.keys(await place.get(tree, "/d/."))).toEqual(["./", "./f"]);
    expect(Object.keys(await place.get(tree, "/to/"))).toEqual(["to/", "to/f"]);
    expect(await place.get(tree, "/to")).toEqual({ to: "/d" });
    expect(await place.get(tree, "/to/f")).toEqual({ f: "1" });
    expect((await place.files.status(tree, "/file")).linkTarget).toBe("/d/f");
    expect(Object.keys(await place.get(tree, "/"))).toContain("/d/f");
  });

  test("of what is not there, or below a file, is refused", async () => {
    const { tree } = await place.container({ "d/f": "1", loop: { link: "loop" } });
    expect(await refusal(place.files.read(tree, "/d/g"))).toEqual(["not-found", "/d/g"]);
    expect(await refusal(place.files.status(tree, "/d/f/g"))).toEqual(["internal", "lstat /d/f/g: not a directory"]);
    expect(await refusal(place.files.status(tree, "/loop"))).toEqual(["invalid", '"/loop": too many links']);
  });

  test("that is left in the middle lets go of everything", async () => {
    const made = await place.container({ "d/f": "1" });
    await place.put(made.tree, "/d", [{ name: "big", content: new Uint8Array(3_000_000) }]);
    for (let round = 0; round < 20; round += 1) {
      const { bytes } = await place.files.read(made.tree, "/d");
      for await (const _piece of bytes) break;
    }
    expect(Object.keys(await place.get(made.tree, "/d"))).toEqual(["d/", "d/big", "d/f"]);
  });
});

describe("extract()", () => {
  test("gives everything back as it was: a copy of a copy is equal", async () => {
    const from = await place.container({ "d/f": "1" });
    const capability = "\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    await place.put(from.tree, "/d", [
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
    const first = await gather((await place.files.read(from.tree, "/d")).bytes);
    const to = await place.container({});
    await place.files.extract(to.tree, "/", inPieces(first), { keepKinds: true });
    const second = await gather((await place.files.read(to.tree, "/d")).bytes);
    const facts = (bytes: Uint8Array): readonly unknown[] =>
      listTar(bytes).map(({ entry, content }) => ({ ...entry, content, xattrs: [...entry.xattrs], mtime: mtimeOf(entry) }));
    expect(facts(second)).toEqual(facts(first));
    expect(xattrsOf(join(to.layers.upperdir, "d/run"))).toMatchObject({ "user.kept": "\0\xff", "security.capability": capability });
  });

  test("replaces what is there, keeps what it says nothing of, and makes directories on the way", async () => {
    const { tree } = await place.container({ "d/f": "old", "d/kept": "kept", "d/folder/in": "x", "d/l": { link: "/d/kept" } });
    await place.put(tree, "/d", [
      { name: "f", content: "new" },
      { name: "folder", content: "now a file" },
      { name: "l", content: "no link any more" },
      { name: "a/b/c", content: "deep" },
      { name: ".wh.kept", content: "a plain name here" },
      { name: ".", type: "directory", mode: 0o700 },
    ]);
    expect(await place.get(tree, "/d")).toEqual({
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
    expect((await place.files.status(tree, "/d")).mode & 0o777).toBe(0o755);
  });

  test("with keepKinds refuses a file over a directory and the other way round, as Docker words it", async () => {
    const { tree } = await place.container({ "d/f": "1", "d/folder/in": "x" });
    const strict = { keepKinds: true };
    expect(await refusal(place.put(tree, "/d", [{ name: "folder", content: "" }], strict))).toEqual([
      "internal",
      'cannot overwrite directory "folder" with non-directory "/d"',
    ]);
    expect(await refusal(place.put(tree, "/d", [{ name: "f/", type: "directory" }], strict))).toEqual([
      "internal",
      'cannot overwrite non-directory "f" with directory "/d"',
    ]);
    expect(await place.get(tree, "/d/folder")).toEqual({ "folder/": "", "folder/in": "x" });
  });

  test("gives everything to one owner where it is told so", async () => {
    const { tree, layers: found } = await place.container({ "d/f": "1" });
    await place.files.extract(tree, "/d", inPieces(archive([{ name: "g", content: "", uid: 5 }])), {
      keepKinds: false,
      owner: { uid: 33, gid: 44 },
    });
    const { bytes } = await place.files.read(tree, "/d/g");
    expect(listTar(await gather(bytes))[0]?.entry).toMatchObject({ uid: 33, gid: 44 });
    expect(found.upperdir).toContain(place.around);
  });

  test("takes every compression, in pieces of any size, and refuses half of one", async () => {
    const plain = archive([{ name: "f", content: "packed".repeat(1000) }]);
    for (const bytes of compressions.map((compression) => packed(compression, plain))) {
      const { tree } = await place.container({ "d/x": "" });
      await place.files.extract(tree, "/d", inPieces(bytes, 11), { keepKinds: false });
      expect((await place.get(tree, "/d/f"))["f"]).toBe("packed".repeat(1000));
      expect(await refusal(place.files.extract(tree, "/d", inPieces(bytes.subarray(0, bytes.length / 2)), { keepKinds: false }))).toEqual([
        "internal",
        expect.stringContaining("unexpected end of file"),
      ]);
    }
  });

  test("of nothing is done, and of half an archive is refused", async () => {
    const { tree } = await place.container({ "d/x": "" });
    await place.files.extract(tree, "/d", inPieces(new Uint8Array(0)), { keepKinds: false });
    await place.files.extract(tree, "/d", inPieces(tarEnd()), { keepKinds: false });
    const whole = archive([{ name: "f", content: "x".repeat(3000) }]);
    for (const size of [7, 600, 1500]) {
      const cut = place.files.extract(tree, "/d", inPieces(whole.subarray(0, size)), { keepKinds: false });
      expect(await refusal(cut)).toEqual(["internal", "unexpected EOF"]);
    }
    expect(await refusal(place.put(tree, "/d/x", []))).toEqual(["invalid", "extraction point is not a directory"]);
    expect(await refusal(place.put(tree, "/gone", []))).toEqual(["not-found", "/gone"]);
  });

  test("writes nothing where the root is read-only", async () => {
    const { tree } = await place.container({ "d/x": "" });
    const shut = { ...tree, readOnly: true } as TreeAccess;
    expect(await refusal(place.put(shut, "/d", [{ name: "f", content: "" }]))).toEqual(["invalid", "container rootfs is marked read-only"]);
    expect(await place.get(tree, "/d")).toEqual({ "d/": "", "d/x": "" });
  });
});

describe("changes()", () => {
  test("are what differs: added, deleted, modified, with the directories above", async () => {
    const made = await place.container(
      { "d/f": "1", "d/gone": "x", "d/same": "s", "e/in/side": "1", "keep/x": "1", "swap/a": "1", "swap/b": "2" },
      { "d/low": "over" },
    );
    {
      await using root = await place.store.mount(made.id, { layers: made.chain, ephemeral: false });
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
    expect((await place.files.changes(made.layers)).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
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
      expect(await place.files.changes((await place.container(...trees)).layers)).toEqual([]);
  });
});

test("export() gives the whole tree without a name for its top", async () => {
  const made = await place.container({ "d/f": "low", "d/g": "g" }, { "d/f": "high" });
  const names = listTar(await gather(place.files.export(made.layers))).map(({ entry, content }) => `${entry.name}${content}`);
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
