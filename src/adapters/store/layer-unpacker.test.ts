import type { Digest } from "#base";
import { byteString, bytesOf } from "#image";
import { describe, expect, test } from "bun:test";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, type ArchiveMember, concatenated, memberParts, sha256, utf8 } from "../../../test/support/archive.ts";
import { Canary } from "../../../test/support/canary.ts";
import { layerAttacks } from "../../../test/support/layer-attacks.ts";
import { makeStorePlace, type StorePlace } from "../../../test/support/store-place.ts";
import { xattrsOf } from "../../../test/support/xattrs.ts";

interface Unpacked {
  readonly tree: string;
  readonly implied: readonly string[];
}

async function unpack(place: StorePlace, bytes: Uint8Array): Promise<Unpacked & { readonly diffId: Digest }> {
  const store = await place.openLayers();
  const path = join(place.around, `${crypto.randomUUID()}.tar`);
  await writeFile(path, bytes);
  const diffId = sha256(bytes);
  await store.unpack({ diffId, path, mediaType: "" });
  return { diffId, tree: store.lowerdir(diffId), implied: store.implied(diffId) };
}

async function refusal(place: StorePlace, members: readonly ArchiveMember[]): Promise<unknown> {
  try {
    await unpack(place, archive(members));
    return "unpacked";
  } catch (error) {
    return error;
  }
}

/** What stands at a name: kind, mode, and what overlayfs makes of it. */
function kind(tree: string, name: string): string {
  const status = lstatSync(join(tree, name), { throwIfNoEntry: false });
  if (status === undefined) return "nothing";
  if (status.isCharacterDevice() && status.rdev === 0) return "whiteout";
  if (status.isFile()) return "file";
  if (status.isSymbolicLink()) return "link";
  if (status.isDirectory()) return xattrsOf(join(tree, name))["trusted.overlay.opaque"] === "y" ? "opaque folder" : "folder";
  return "other";
}

function readlinkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed since it was listed
  }
}

const folder = (name: string): ArchiveMember => ({ type: "directory", name });
const wh = (name: string): ArchiveMember => ({ name });

describe("LayerUnpacker", () => {
  test("leaves no folder of a layer open, whether entries name it or only imply it", async () => {
    await using place = await makeStorePlace();
    await unpack(place, archive([folder("a"), { name: "a/f" }, { name: "implied/deep/f" }, { name: "implied/other/f" }]));
    const open = readdirSync("/proc/self/fd").map((fd) => readlinkOr(`/proc/self/fd/${fd}`));
    expect(open.filter((path) => path.startsWith(place.around) && path.includes("/tree"))).toEqual([]);
  });

  test("keeps kinds, owners, modes with setuid, times and attributes exactly", async () => {
    await using place = await makeStorePlace();
    const capability = "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const mtime = { seconds: 1_234_567_890, nanos: 123_456_789 };
    const xattrs = new Map([
      ["security.capability", capability],
      ["user.bytes", "\0\xff\n="],
    ]);
    const members: readonly ArchiveMember[] = [
      { type: "directory", name: ".", mode: 0o711, mtime },
      { type: "directory", name: "d", mode: 0o2775, uid: 10, gid: 20, mtime, xattrs: new Map([["user.d", "1"]]) },
      { name: "d/f", content: "x", mode: 0o4711, uid: 30, gid: 40, mtime, xattrs },
      { name: "d/root-owned", mode: 0o600, mtime },
      { type: "symlink", name: "s", linkName: "../nowhere\xff", uid: 50, gid: 60, mtime },
      { type: "fifo", name: "p", mode: 0o622, mtime },
      { type: "char", name: "c", major: 10, minor: 300_000, mode: 0o666, mtime },
      { type: "block", name: "b", major: 4000, minor: 1, uid: 70, mtime },
      { name: "old", mtime: { seconds: -1, nanos: 999_000_000 } },
    ];
    const { tree } = await unpack(place, archive(members));
    for (const { name, mode, uid = 0, gid = 0, mtime: time = mtime } of members) {
      const status = lstatSync(join(tree, name), { bigint: true });
      expect([name, Number(status.uid), Number(status.gid), status.mtimeNs]).toEqual([
        name,
        uid,
        gid,
        BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos),
      ]);
      if (mode !== undefined) expect([name, Number(status.mode) & 0o7777]).toEqual([name, mode]);
    }
    expect(xattrsOf(join(tree, "d/f"))).toEqual(Object.fromEntries(xattrs));
    expect(xattrsOf(join(tree, "d"))).toEqual({ "user.d": "1" });
    expect(readlinkSync(join(tree, "s"), { encoding: "latin1" })).toBe("../nowhere\xff");
    const stat = Bun.spawnSync(["stat", "-c", "%F %t:%T", join(tree, "c"), join(tree, "b"), join(tree, "p")]).stdout.toString();
    expect(stat).toBe("character special file a:493e0\nblock special file fa0:1\nfifo 0:0\n");
  });

  test("shares hard links within the layer, and refuses others by name", async () => {
    await using place = await makeStorePlace();
    const { tree } = await unpack(
      place,
      archive([
        { name: "a/f", content: "x" },
        { type: "hardlink", name: "h", linkName: "./a/f" },
      ]),
    );
    expect(lstatSync(join(tree, "h")).ino).toBe(lstatSync(join(tree, "a/f")).ino);
    for (const linkName of ["missing", "a/missing/x", "d", "gone"]) {
      const members = [folder("d"), wh(".wh.gone"), { type: "hardlink", name: "h", linkName } as const];
      expect(await refusal(place, members)).toMatchObject({ fault: "invalid", message: expect.stringContaining(JSON.stringify(linkName)) });
    }
  });

  test("keeps names to the byte (T03)", async () => {
    await using place = await makeStorePlace();
    const names = [utf8("\u00e9"), utf8("e\u0301"), "\xff", "\xfe\xff/\xc3", "a\nb", "n".repeat(255)];
    const { tree } = await unpack(place, archive(names.map((name) => ({ name, content: name }))));
    const found = readdirSync(Buffer.from(tree), { encoding: "buffer" }).map((name) => byteString(name));
    expect(found.toSorted()).toEqual(names.map((name) => name.split("/")[0] ?? "").toSorted());
    for (const name of names) {
      const path = Buffer.concat([Buffer.from(`${tree}/`), bytesOf(name)]);
      expect(readFileSync(path, "utf8")).toBe(name);
    }
  });

  test("fills sparse files at their places", async () => {
    await using place = await makeStorePlace();
    const made = Bun.spawnSync([
      "sh",
      "-c",
      'cd "$0" && truncate -s 64M holes && printf middle | dd of=holes seek=33554432 oflag=seek_bytes conv=notrunc status=none && tar --sparse --format=posix -cf - holes',
      place.around,
    ]);
    const { tree } = await unpack(place, new Uint8Array(made.stdout));
    const status = lstatSync(join(tree, "holes"));
    expect([status.size, status.blocks < 1000]).toEqual([67_108_864, true]);
    expect(readFileSync(join(tree, "holes")).subarray(33_554_432, 33_554_438).toString()).toBe("middle");
  });

  test("follows links inside the root, as seen from the root", async () => {
    await using place = await makeStorePlace();
    const members: readonly ArchiveMember[] = [
      folder("usr/lib"),
      { type: "symlink", name: "lib", linkName: "/usr/lib" },
      { name: "lib/f", content: "x" },
      { name: "lib/new/g", content: "y" },
      { type: "directory", name: "lib/new", mode: 0o700 },
    ];
    const { tree, implied } = await unpack(place, archive(members));
    expect(readFileSync(join(tree, "usr/lib/f"), "utf8")).toBe("x");
    expect(lstatSync(join(tree, "usr/lib/new")).mode & 0o777).toBe(0o700);
    expect(implied).toEqual(["usr"]);
  });

  const replacements: readonly (readonly [string, readonly ArchiveMember[], string])[] = [
    [
      "a file",
      [
        { name: "x", content: "old" },
        { name: "x", content: "new" },
      ],
      "file",
    ],
    ["a folder and all in it", [folder("x/d"), { name: "x/d/f" }, { name: "x", content: "new" }], "file"],
    ["a link", [{ type: "symlink", name: "x", linkName: "/" }, folder("x")], "folder"],
    ["a folder by a link", [folder("x/d"), { type: "symlink", name: "x", linkName: "t" }], "link"],
  ];

  test.each(replacements)("lets a later entry replace %s", async (_, members, expected) => {
    await using place = await makeStorePlace();
    expect(kind((await unpack(place, archive(members))).tree, "x")).toBe(expected);
  });

  const whiteouts: readonly (readonly [string, readonly ArchiveMember[], Readonly<Record<string, string>>])[] = [
    ["a whiteout", [wh(".wh.x")], { x: "whiteout", ".wh.x": "nothing" }],
    ["a whiteout twice", [wh(".wh.x"), wh(".wh.x")], { x: "whiteout" }],
    ["a whiteout in a folder that is only implied", [wh("d/.wh.x")], { d: "folder", "d/x": "whiteout" }],
    ["an opaque folder", [folder("d"), wh("d/.wh..wh..opq"), { name: "d/f" }], { d: "opaque folder", "d/f": "file" }],
    [
      "an opaque folder whose files come first",
      [folder("d"), { name: "d/f" }, wh("d/.wh..wh..opq")],
      { d: "opaque folder", "d/f": "file" },
    ],
    ["a whiteout before the file", [wh(".wh.x"), { name: "x" }], { x: "file" }],
    ["a whiteout behind the file", [{ name: "x" }, wh(".wh.x")], { x: "file" }],
    ["a whiteout before the folder", [wh(".wh.x"), folder("x"), { name: "x/f" }], { x: "opaque folder", "x/f": "file" }],
    ["a whiteout before a folder that is only implied", [wh(".wh.x"), { name: "x/f" }], { x: "opaque folder", "x/f": "file" }],
    ["a whiteout behind the folder", [folder("x"), { name: "x/f" }, wh(".wh.x")], { x: "opaque folder", "x/f": "file" }],
    [
      "whiteouts in an opaque folder",
      [wh("d/.wh.x"), wh("d/e/.wh.y"), wh("d/.wh..wh..opq")],
      { d: "opaque folder", "d/x": "nothing", "d/e/y": "nothing" },
    ],
    ["names of AUFS", [wh(".wh..wh.plnk/x"), wh("d/.wh..wh.orph")], { ".wh..wh.plnk": "nothing", d: "nothing" }],
  ];

  test.each(whiteouts)("turns %s into what overlayfs reads", async (_, members, expected) => {
    await using place = await makeStorePlace();
    const { tree } = await unpack(place, archive(members));
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, kind(tree, name)]))).toEqual(expected);
  });

  test("drops what overlayfs would obey (A24)", async () => {
    await using place = await makeStorePlace();
    const marks = [
      "trusted.overlay.opaque",
      "trusted.overlay.redirect",
      "trusted.overlay.metacopy",
      "user.overlay.opaque",
      "trusted.overlay.overlay.opaque",
    ];
    const xattrs = new Map([...marks.map((mark) => [mark, "y"] as const), ["user.kept", "1"] as const]);
    const { tree } = await unpack(
      place,
      archive([
        { type: "directory", name: "d", xattrs },
        { name: "f", xattrs },
        { type: "char", name: "c", major: 0, minor: 0 },
      ]),
    );
    expect([xattrsOf(join(tree, "d")), xattrsOf(join(tree, "f"))]).toEqual([{ "user.kept": "1" }, { "user.kept": "1" }]);
    expect(kind(tree, "c")).toBe("nothing");
  });

  test("notes the folders that are only implied, and forgets those that an entry describes later", async () => {
    await using place = await makeStorePlace();
    const { tree, implied } = await unpack(
      place,
      archive([{ name: "a/b/c" }, { name: "tmp/x/y" }, { type: "directory", name: "tmp", mode: 0o1777 }]),
    );
    expect(implied).toEqual(["a", "a/b", "tmp/x"]);
    expect(lstatSync(join(tree, "tmp")).mode & 0o7777).toBe(0o1777);
    expect(lstatSync(join(tree, "a")).mode & 0o7777).toBe(0o755);
  });

  const refusals: readonly (readonly [string, readonly ArchiveMember[], string])[] = [
    ["a file as a folder", [{ name: "f" }, { name: "f/g" }], "not a directory"],
    ["a dangling link as a folder", [{ type: "symlink", name: "l", linkName: "nowhere" }, { name: "l/g" }], "not a directory"],
    ["links in a circle", [{ type: "symlink", name: "l", linkName: "l" }, { name: "l/g" }], "ELOOP"],
    ["a name of 256 bytes", [{ name: "n".repeat(256) }], "ENAMETOOLONG"],
    ["a path of 5,000 bytes", [{ name: "d/".repeat(2500) + "f" }], "ENAMETOOLONG"],
    ["an owner beyond 32 bits", [{ name: "f", uid: 4_294_967_295 }], "no such owner"],
    ["a device number beyond its bits", [{ type: "char", name: "c", major: 4096 }], "no such device number"],
    ["a name with whiteout in the middle", [{ name: ".wh.d/f" }], "kept for whiteouts"],
    ["a link without a target", [{ type: "symlink", name: "l", linkName: "" }], "ENOENT"],
  ];

  test.each(refusals)("refuses %s", async (_, members, reason) => {
    await using place = await makeStorePlace();
    expect(await refusal(place, members)).toMatchObject({ fault: "invalid", message: expect.stringContaining(reason) });
  });

  test("names a root that hides all layers below as not supported, since overlayfs ignores the mark there", async () => {
    await using place = await makeStorePlace();
    expect(await refusal(place, [wh(".wh..wh..opq")])).toMatchObject({ fault: "unsupported" });
  });

  test("makes and replaces more folders than it keeps open", async () => {
    await using place = await makeStorePlace();
    const members = Array.from({ length: 1500 }, (_, n) => ({ name: `d${n % 700}/e${n}/f`, content: String(n) }));
    const { tree } = await unpack(place, archive(members));
    for (const n of [0, 699, 700, 1499]) expect(readFileSync(join(tree, `d${n % 700}/e${n}/f`), "utf8")).toBe(String(n));
  });
});

describe("an attack on a layer", () => {
  // From the tree in layers/ingest/<id>/tree of the data root to the folder around it.
  const relative = "../../../../../canary";
  const titles = layerAttacks({ canary: "/nowhere", relative }).map(({ title }) => title);

  test.each(titles)("stays inside or is refused: %s", async (title) => {
    await using place = await makeStorePlace();
    await (await place.openLayers()).list();
    const roots = ["data", "data/layers", "data/layers/ingest"].map((name) => join(place.around, name));
    await using canary = await Canary.plant(join(place.around, "canary"), { roots });
    const attack = layerAttacks({ canary: canary.path, relative }).find((each) => each.title === title);
    const outcomes: unknown[] = [];
    try {
      const { tree } = await unpack(place, attack?.bytes ?? new Uint8Array(0));
      expect(lstatSync(tree).isDirectory()).toBe(true);
    } catch (error) {
      outcomes.push(error);
      expect(error).toMatchObject({ fault: "invalid" });
    }
    await place.trash.idle();
    expect(canary.violations({ trees: [place.dataRoot], texts: outcomes.map(String) })).toEqual([]);
  });

  test("A03: layers that flip a folder and a link at the same time never leave their roots", async () => {
    await using place = await makeStorePlace();
    await using canary = await Canary.plant(join(place.around, "canary"), { patience: 60_000 });
    const store = await place.openLayers();
    const flips = layerAttacks({ canary: canary.path, relative }).find(({ title }) => title.startsWith("A03"))?.bytes ?? new Uint8Array(0);
    for (let round = 0; round < 8; round += 1) {
      const twins = [0, 1].map(async (twin) => {
        // The link's target exists inside the root too, so that writing through it goes on.
        const start = [...memberParts({ name: `twin-${round}-${twin}` }), ...memberParts({ type: "directory", name: canary.path })];
        const bytes = concatenated([...start, flips]);
        const path = join(place.around, `flip-${twin}.tar`);
        await writeFile(path, bytes);
        await store.unpack({ diffId: sha256(bytes), path, mediaType: "" });
      });
      await Promise.all(twins);
    }
    expect(canary.violations({ trees: [place.dataRoot] })).toEqual([]);
    expect(await store.list()).toHaveLength(16);
  });
});
