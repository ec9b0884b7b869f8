import { TarDecoder } from "#image";
import { describe, expect, test } from "bun:test";
import { archive, type ArchiveMember } from "../../../../test/support/archive.ts";
import { readSealed, type SealedEntry } from "../../../../test/support/sealed-image.ts";
import { seeded } from "../../../../test/support/layer-model.ts";
import { randomMembers } from "../../../../test/support/random-members.ts";
import { layOutIndex } from "./layer-index.ts";
import { LayerNames } from "./layer-names.ts";
import { LayerSealer } from "./layer-sealer.ts";

const uuid = new Uint8Array(16).fill(7);

/** Index and archive of a layer. */
function sealed(members: readonly ArchiveMember[]): { readonly index: Uint8Array; readonly tar: Uint8Array } {
  const tar = archive(members);
  const names = new LayerNames();
  const decoder = new TarDecoder(new LayerSealer(names));
  decoder.push(tar);
  decoder.finish();
  names.finish();
  return { index: layOutIndex(names.root, { size: tar.length, uuid }).bytes, tar };
}

function read(members: readonly ArchiveMember[]): ReadonlyMap<string, SealedEntry> {
  const { index, tar } = sealed(members);
  return readSealed(index, tar);
}

/** What a member of a tar must have become. */
function expectedOf({ type = "file", mode = 0o644, uid = 0, gid = 0, content = "", ...rest }: ArchiveMember): Partial<SealedEntry> {
  const bytes = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
  return {
    mode: type === "symlink" ? 0o777 : mode,
    uid,
    gid,
    mtime: rest.mtime ?? { seconds: 0, nanos: 0 },
    xattrs: rest.xattrs ?? new Map(),
    ...(type === "file" && { type, content: bytes }),
    ...(type === "symlink" && { type, content: rest.linkName ?? "" }),
  };
}

describe("layOutIndex()", () => {
  const mtime = { seconds: -1, nanos: 999_999_999 };
  const members: readonly ArchiveMember[] = [
    { type: "directory", name: "d", mode: 0o2775, uid: 4_294_967_294, gid: 70_000, mtime: { seconds: 2 ** 33, nanos: 1 } },
    {
      name: "d/f",
      content: "x".repeat(1000),
      mode: 0o4711,
      mtime,
      xattrs: new Map([
        ["user.a", "1".repeat(900)],
        ["security.b", "\0\u00ff"],
      ]),
    },
    { name: "empty", mode: 0, mtime },
    { name: "\u00ff\u00fe", content: "odd", mtime },
    { type: "symlink", name: "s", linkName: "d/f", mtime },
    { type: "symlink", name: "long", linkName: "t".repeat(4095), mtime },
    ...Array.from({ length: 300 }, (_, n): ArchiveMember => ({ name: `many/${n}`, content: `${n}`.repeat(n) })),
  ];

  test("says of each member what the archive says, to the byte", () => {
    const found = read(members);
    for (const member of members) expect(found.get(`tree/${member.name}`)).toMatchObject(expectedOf(member));
    const implied = { type: "directory", mode: 0o755, uid: 0, gid: 0, links: 2 };
    expect(found.get("tree/many")).toMatchObject(implied);
    expect(found.get("tree")).toMatchObject({ type: "directory", links: 4 });
    expect(found.size).toBe(members.length + 3);
  });

  test("shares a node among hard links, and makes marks of removal and opaque folders as overlayfs reads them", () => {
    const found = read([
      { name: "f", content: "1" },
      { type: "hardlink", name: "d/h", linkName: "f" },
      { name: "d/.wh.gone" },
      { name: "o/.wh..wh..opq" },
      { type: "char", name: "c", major: 10, minor: 300_000 },
      { type: "fifo", name: "p" },
    ]);
    expect(found.get("tree/f")).toEqual(found.get("tree/d/h") as SealedEntry);
    expect(found.get("tree/f")?.links).toBe(2);
    expect(found.get("tree/d/gone")).toMatchObject({ type: "char", device: 0, links: 1 });
    expect(found.get("tree/o")?.xattrs).toEqual(new Map([["trusted.overlay.opaque", "y"]]));
    expect(found.get("tree/c")).toMatchObject({ type: "char", device: (300_000 & 0xff) | (10 << 8) | ((300_000 & ~0xff) << 12) });
    expect(found.get("tree/p")).toMatchObject({ type: "fifo" });
  });

  test("is a function of the archive", () => {
    expect(sealed(members).index).toEqual(sealed(members).index);
  });

  test("makes an image that can be read whole of whatever is sealed", () => {
    let whole = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seeded(seed);
      let layer: ReturnType<typeof sealed>;
      try {
        layer = sealed(randomMembers(random, 1 + (seed % 40)));
      } catch (error) {
        expect(error).toMatchObject({ fault: expect.stringMatching(/^(invalid|unsupported)$/) });
        continue;
      }
      readSealed(layer.index, layer.tar);
      whole += 1;
    }
    expect(whole).toBeGreaterThan(10);
  });

  test("a wrong byte is noticed (planted)", () => {
    const { index, tar } = sealed(members);
    const wrong = new Uint8Array(tar);
    wrong[Buffer.from(tar).indexOf("x".repeat(900)) + 5] = 0x79;
    const found = readSealed(index, wrong);
    const differs = members.filter((member) => {
      const { content } = expectedOf(member);
      return content !== undefined && found.get(`tree/${member.name}`)?.content !== content;
    });
    expect(differs).toHaveLength(1);
    for (const at of [1024, 1036, 1536, 1024 + 86]) {
      const broken = new Uint8Array(index);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      expect(() => readSealed(broken, tar)).toThrow();
    }
  });
});
