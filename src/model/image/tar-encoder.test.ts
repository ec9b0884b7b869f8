import { describe, expect, test } from "bun:test";
import { archive, type ArchiveMember } from "../../../test/support/archive.ts";
import { listTar } from "../../../test/support/tar-listing.ts";

function gnuListing(members: readonly ArchiveMember[]): readonly string[] {
  const tar = Bun.spawnSync(["tar", "--numeric-owner", "--full-time", "--utc", "-tvf", "-"], { stdin: archive(members) });
  expect([tar.exitCode, tar.stderr.toString()]).toEqual([0, ""]);
  return tar.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +/g, " "));
}

describe("tarHeader()", () => {
  test("is read by GNU tar, whatever the entry", () => {
    const deep = `${"d".repeat(120)}/${"n".repeat(90)}`;
    const mtime = { seconds: 1_700_000_000, nanos: 120_000_000 };
    const members: readonly ArchiveMember[] = [
      { type: "directory", name: "d", mode: 0o1777, mtime },
      { name: deep, content: "x", uid: 7, gid: 8 },
      { name: "n".repeat(300), content: "y", uid: 3_000_000 },
      { type: "symlink", name: "s", linkName: "t".repeat(150) },
      { type: "hardlink", name: "h", linkName: "d/f" },
      { type: "char", name: "c", major: 1, minor: 3 },
      { name: "\u00ff", mode: 0o4755, mtime: { seconds: 10_000_000_000, nanos: 0 } },
    ];
    expect(gnuListing(members)).toEqual([
      "drwxrwxrwt 0/0 0 2023-11-14 22:13:20.12 d",
      `-rw-r--r-- 7/8 1 1970-01-01 00:00:00 ${deep}`,
      `-rw-r--r-- 3000000/0 1 1970-01-01 00:00:00 ${"n".repeat(300)}`,
      `lrw-r--r-- 0/0 0 1970-01-01 00:00:00 s -> ${"t".repeat(150)}`,
      "hrw-r--r-- 0/0 0 1970-01-01 00:00:00 h link to d/f",
      "crw-r--r-- 0/0 1,3 1970-01-01 00:00:00 c",
      String.raw`-rwsr-xr-x 0/0 0 2286-11-20 17:46:40 \377`,
    ]);
  });

  test("uses no extension where ustar has room", () => {
    expect(archive([{ name: `${"d".repeat(150)}/${"n".repeat(99)}`, content: "x" }])).toHaveLength(512 + 512 + 1024);
  });

  test.each([96, 97, 98, 99, 100, 101, 155, 156, 254, 255, 256, 257, 990, 991, 992, 993, 994])("keeps a name of %d bytes", (length) => {
    for (const name of ["n".repeat(length), `${"d/".repeat(length / 2)}n`]) {
      expect(listTar(archive([{ name, content: "x" }])).map(({ entry }) => entry.name)).toEqual([name]);
    }
  });

  test.each([
    { seconds: -1, nanos: 1 },
    { seconds: -2, nanos: 999_999_999 },
    { seconds: -5, nanos: 0 },
    { seconds: 0, nanos: 100 },
    { seconds: 2 ** 40, nanos: 0 },
  ])("keeps the time %p", (mtime) => {
    expect(listTar(archive([{ name: "f", mtime }]))[0]?.entry.mtime).toEqual(mtime);
  });
});
