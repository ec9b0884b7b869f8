// What an archive means does not depend on the driver: each is unpacked into files and sealed, and the two trees are compared as a process
// would see them. What one refuses the other must refuse.
import type { Digest } from "#base";
import type { ByteString } from "#image";
import type { WantedDriver } from "#store";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, type ArchiveMember, sha256 } from "../support/archive.ts";
import { layerAttacks } from "../support/layer-attacks.ts";
import { membersOf, randomLayer, seeded } from "../support/layer-model.ts";
import { randomMembers } from "../support/random-members.ts";
import { sealedMethods } from "../support/sealed-methods.ts";
import { makeStorePlace, type StorePlace } from "../support/store-place.ts";

type Store = Awaited<ReturnType<StorePlace["openLayers"]>>;

interface Unpacked {
  readonly tree: string;
  readonly implied: readonly ByteString[];
  readonly size: number;
}

class Side {
  readonly place: StorePlace;
  readonly store: Store;

  constructor(place: StorePlace, store: Store) {
    this.place = place;
    this.store = store;
  }

  static async open(wanted: WantedDriver): Promise<Side> {
    const place = await makeStorePlace();
    return new Side(place, await place.openLayers(wanted));
  }

  /** The layer, or the fault that it was refused with. */
  async unpack(diffId: Digest, path: string): Promise<Unpacked | string> {
    try {
      const { size } = await this.store.unpack({ diffId, path, mediaType: "" });
      await this.store.attach([diffId]);
      return { tree: this.store.lowerdir(diffId), implied: this.store.implied(diffId).toSorted(), size };
    } catch (error) {
      return `${(error as { readonly fault?: string }).fault}`;
    }
  }
}

describe.skipIf(sealedMethods.length === 0)("a layer that is sealed, and the same one as files (needs Linux 6.4)", () => {
  let files: Side;
  let sealed: Side;
  beforeAll(async () => {
    [files, sealed] = await Promise.all([Side.open({ driver: "directory" }), Side.open({ driver: "sealed" })]);
  });
  afterAll(async () => {
    await Promise.all([files.place[Symbol.asyncDispose](), sealed.place[Symbol.asyncDispose]()]);
  }, 60_000);

  /** What is different, in words. */
  async function difference(bytes: Uint8Array): Promise<string | undefined> {
    const diffId = sha256(bytes);
    const path = join(files.place.around, "layer.tar");
    await writeFile(path, bytes);
    const [one, other] = await Promise.all([files.unpack(diffId, path), sealed.unpack(diffId, path)]);
    try {
      if (typeof one === "string" || typeof other === "string") {
        return JSON.stringify(one) === JSON.stringify(other) ? undefined : `${JSON.stringify(one)}, and sealed ${JSON.stringify(other)}`;
      }
      const facts = [one, other].map(({ implied, size }) => JSON.stringify({ implied, size }));
      if (facts[0] !== facts[1]) return facts.join(", and sealed ");
      return await files.place.threads.verify({ what: "trees", tree: other.tree, model: one.tree });
    } finally {
      await Promise.all([files.store.remove(diffId), sealed.store.remove(diffId)]);
    }
  }

  const file = (name: string, content = name): ArchiveMember => ({ name, content });
  const folder = (name: string): ArchiveMember => ({ type: "directory", name });
  const link = (name: string, linkName: string): ArchiveMember => ({ type: "symlink", name, linkName });
  const hard = (name: string, linkName: string): ArchiveMember => ({ type: "hardlink", name, linkName });
  const many = (count: number, name: (n: number) => string): ArchiveMember[] => Array.from({ length: count }, (_, n) => file(name(n)));

  const layers: readonly (readonly [string, readonly ArchiveMember[]])[] = [
    ["nothing", []],
    ["contents of every size around a block", [0, 1, 511, 512, 513, 4095, 4096, 4097, 100_000].map((n) => file(`f${n}`, "x".repeat(n)))],
    ["a folder of 2,000 names", many(2000, (n) => `d/${n}`)],
    ["names of 255 bytes, one a block", many(40, (n) => `${n}`.padStart(255, "n"))],
    ["names that sort before and behind the dots", ["!", "-", "..x", ".a", "\u0001", "\u00ff", "~"].map((name) => file(name))],
    ["hundreds of folders, each in the other's way", many(400, (n) => `d${n % 30}/${n % 7}/e${n}/f`)],
    ["a folder 500 deep", [file(`${"d/".repeat(500)}f`)]],
    ["links of every length around a block", [1, 60, 447, 448, 449, 511, 512, 513, 4095].map((n) => link(`l${n}`, "t".repeat(n)))],
    [
      "hard links of every kind",
      [file("f"), link("l", "f"), { type: "fifo", name: "p" }, hard("h", "f"), hard("hl", "l"), hard("hp", "p")],
    ],
    ["a hard link through a link", [folder("d"), file("d/f"), link("l", "/d"), hard("h", "l/f"), hard("l/g", "d/f")]],
    ["a hard link to itself", [file("f"), hard("f", "./f")]],
    ["a hard link over its own folder", [file("d/f"), hard("d", "d/f")]],
    ["a hard link to what is replaced later", [file("f", "old"), hard("h", "f"), file("f", "new")]],
    ["a link to itself as a folder", [link("l", "l"), file("l/f")]],
    [
      "forty links on the way",
      [folder("d"), link("l0", "d"), ...Array.from({ length: 39 }, (_, n) => link(`l${n + 1}`, `l${n}`)), file("l39/f")],
    ],
    [
      "forty-one links on the way",
      [folder("d"), link("l0", "d"), ...Array.from({ length: 40 }, (_, n) => link(`l${n + 1}`, `l${n}`)), file("l40/f")],
    ],
    ["links above the root", [link("l", "../../../d"), folder("d"), file("l/f"), link("m", "/../../d/./"), file("m/g")]],
    ["a folder that comes, goes and comes", [file("d/f"), file("d"), folder("d"), file("d/g"), link("d", "e"), folder("d")]],
    ["marks in folders that are opaque later", [file("d/.wh.x"), file("d/e/.wh.y"), file("d/.wh..wh..opq"), file("d/e/f")]],
    ["a mark before, and a mark behind", [file(".wh.x"), folder("x"), file("y/f"), file(".wh.y"), file("z"), file(".wh.z")]],
    ["a mark of a folder that is only implied again", [file("x/f"), file(".wh.x"), file("x/g"), file(".wh.w"), file("w/f")]],
    [
      "a root with attributes",
      [{ type: "directory", name: ".", mode: 0o2751, uid: 3, gid: 4, mtime: { seconds: 9, nanos: 8 } }, file("f")],
    ],
    [
      "a user's attribute on what can have none",
      ["symlink", "fifo", "char"].map((type) => ({
        name: type,
        type: type as "fifo",
        linkName: "x",
        major: 1,
        xattrs: new Map([
          ["user.x", "1"],
          ["trusted.x", "2"],
        ]),
      })),
    ],
    ["attributes without names", [{ name: "f", xattrs: new Map([["user.", "1"]]) }]],
    ["an attribute's name that is too long", [{ name: "f", xattrs: new Map([[`user.${"x".repeat(251)}`, "1"]]) }]],
    [
      "attributes over several blocks",
      [{ name: "f", content: "x", xattrs: new Map(Array.from({ length: 12 }, (_, n) => [`user.n${n}`, String(n).repeat(90)])) }, file("g")],
    ],
    ["a link without a target", [link("l", "")]],
    ["a name of 256 bytes", [file("n".repeat(256))]],
    ["a path of 5,000 bytes", [file("d/".repeat(2500))]],
    ["an owner beyond 32 bits", [{ name: "f", uid: 4_294_967_295 }]],
    ["a root that hides all", [file(".wh..wh..opq")]],
  ];

  test.each(layers)("%s", async (_, members) => {
    expect(await difference(archive(members))).toBeUndefined();
  });

  test("sparse files, in every format of tar", async () => {
    const script =
      'cd "$0" && truncate -s 8M holes && printf middle | dd of=holes seek=4194304 oflag=seek_bytes conv=notrunc status=none && printf end | dd of=holes seek=6000001 oflag=seek_bytes conv=notrunc status=none && truncate -s 1M empty && tar --sparse "$@" -cf - holes empty';
    for (const options of [["--format=gnu"], ["--sparse-version=0.0"], ["--sparse-version=0.1"], ["--sparse-version=1.0"]]) {
      const format = options[0]?.startsWith("--sparse") === true ? ["--format=posix", ...options] : options;
      const made = Bun.spawnSync(["sh", "-c", script, files.place.around, ...format]);
      expect(made.stderr.toString()).toBe("");
      expect(await difference(new Uint8Array(made.stdout))).toBeUndefined();
    }
  });

  test("every attack is refused or harmless, as with files", async () => {
    for (const { title, bytes } of layerAttacks({ canary: "/nowhere/canary", relative: "../../../../../canary" })) {
      expect({ title, difference: await difference(bytes) }).toEqual({ title, difference: undefined });
    }
  });

  test("layers of chance", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seeded(seed);
      const bytes = archive(seed % 2 === 0 ? membersOf(randomLayer(random, "x"), random) : randomMembers(random, 3 + (seed % 9)));
      expect({ seed, difference: await difference(bytes) }).toEqual({ seed, difference: undefined });
    }
  });

  test("a difference is found (planted)", async () => {
    const [one, other] = [archive([file("f", "one")]), archive([file("f", "two")])];
    const paths = await Promise.all(
      [one, other].map(async (bytes, index) => {
        const path = join(files.place.around, `planted-${index}`);
        await writeFile(path, bytes);
        return path;
      }),
    );
    const left = await files.unpack(sha256(one), paths[0] ?? "");
    const right = await sealed.unpack(sha256(other), paths[1] ?? "");
    if (typeof left === "string" || typeof right === "string") throw new Error("not unpacked");
    expect(await files.place.threads.verify({ what: "trees", tree: right.tree, model: left.tree })).toContain("bytes differ");
  });
});
