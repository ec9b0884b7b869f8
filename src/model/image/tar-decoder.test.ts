import { isFault } from "#base";
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync, truncateSync, openSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archive, concatenated, memberParts, rewritten, utf8 } from "../../../test/support/archive.ts";
import { listTar } from "../../../test/support/tar-listing.ts";
import { byteString, bytesOf } from "./byte-string.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-encoder.ts";

const everyByte = byteString(new Uint8Array(255).map((_, index) => index + 1)).replaceAll("/", "");

function refused(bytes: Uint8Array): string {
  try {
    listTar(bytes);
  } catch (error) {
    if (isFault(error, "invalid")) return error.message;
    throw error;
  }
  return "accepted";
}

/** One PAX record whose length is two digits. */
function record(key: string, value: string): string {
  return `${key.length + value.length + 5} ${key}=${value}\n`;
}

/** What GNU tar makes of a folder that `fill` filled. */
function gnuTar(format: string, fill: (folder: string) => void, options: readonly string[] = []): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "gantry-tar-"));
  try {
    fill(folder);
    const tar = Bun.spawnSync(["tar", "-C", folder, `--format=${format}`, "--sort=name", ...options, "-cf", "-", "."]);
    expect(tar.exitCode).toBe(0);
    return new Uint8Array(tar.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Content at 1 MiB and 5 MiB, holes elsewhere. */
function writeSparse(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 6 * 1024 * 1024);
  const fd = openSync(path, "r+");
  for (const at of [1, 5]) writeSync(fd, `at ${at}`, at * 1024 * 1024);
  closeSync(fd);
}

describe("TarDecoder", () => {
  const members = [
    { type: "directory", name: "d/", mode: 0o1777, uid: 3_000_000, gid: 5, mtime: { seconds: 1_700_000_000, nanos: 123_456_789 } },
    { name: "d/f", content: "hello", mode: 0o4755, mtime: { seconds: -1, nanos: 500_000_000 } },
    { name: `d/${"n".repeat(300)}`, content: new Uint8Array(1536) },
    { type: "symlink", name: "d/s", linkName: `/${"t".repeat(200)}` },
    { type: "hardlink", name: "d/h", linkName: "d/f" },
    { type: "char", name: "d/c", major: 1, minor: 3 },
    { type: "fifo", name: "d/p" },
    { name: everyByte, content: "bytes", xattrs: new Map([["user.x", byteString(new Uint8Array([0, 1, 0x3d, 0x0a, 0xff]))]]) },
  ] as const;

  test.each([1, 7, 511, 512, 513, 10_000])("gives what the encoder wrote, from pieces of %d bytes", (piece) => {
    const listed = listTar(archive(members), piece);
    const seen = listed.map(({ entry, content }) => ({ ...entry, content: content.length }));
    expect(seen).toMatchObject(
      members.map((member) => ({
        type: "file",
        ...member,
        content: "content" in member ? member.content.length : 0,
        ...("xattrs" in member && { xattrs: member.xattrs }),
      })),
    );
  });

  test("tells where content lies in the archive", () => {
    const bytes = archive([
      { name: "a", content: "first" },
      { name: "x".repeat(400), content: "second" },
    ]);
    const places = listTar(bytes).map(({ entry }) => byteString(bytes, entry.offset, entry.offset + entry.size));
    expect(places).toEqual(["first", "second"]);
  });

  test.each(["v7", "ustar", "gnu", "posix"])("reads what GNU tar writes as %s", (format) => {
    const long = format === "v7" ? "short" : "n".repeat(90);
    const bytes = gnuTar(format, (folder) => {
      writeFileSync(join(folder, "a"), "content");
      writeFileSync(join(folder, long), new Uint8Array(5000).fill(65), { mode: 0o640 });
    });
    expect(listTar(bytes).map(({ entry, content }) => [entry.type, entry.name, content.length])).toEqual([
      ["directory", "./", 0],
      ["file", "./a", 7],
      ["file", `./${long}`, 5000],
    ]);
  });

  test.each(["gnu", "posix"])("reads long names and raw bytes in them as GNU tar writes them as %s", (format) => {
    const name = `${"n".repeat(200)}\xff\n`;
    const bytes = gnuTar(format, (folder) => writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), bytesOf(name)]), "x"));
    expect(listTar(bytes, 100).map(({ entry }) => entry.name)).toEqual(["./", `./${name}`]);
  });

  test.each([
    ["gnu", []],
    ["posix", ["--sparse-version=0.0"]],
    ["posix", ["--sparse-version=0.1"]],
    ["posix", ["--sparse-version=1.0"]],
  ])("fills the holes of sparse files that GNU tar writes as %s %p", (format, options) => {
    const bytes = gnuTar(format, (folder) => writeSparse(join(folder, "holes")), ["--sparse", ...options]);
    expect(bytes.length).toBeLessThan(1024 * 1024);
    for (const piece of [bytes.length, 333]) {
      const found = listTar(bytes, piece).find(({ entry }) => entry.name.endsWith("holes"));
      expect(found?.entry).toMatchObject({ size: 6 * 1024 * 1024, sparse: true });
      expect(found?.content.slice(1024 * 1024, 1024 * 1024 + 4)).toBe("at 1");
      expect(found?.content.slice(5 * 1024 * 1024, 5 * 1024 * 1024 + 4)).toBe("at 5");
      expect(found?.content.replaceAll("\0", "")).toBe("at 1at 5");
    }
  });

  test("reads a sparse map that goes on in further blocks", () => {
    const bytes = gnuTar(
      "gnu",
      (folder) => {
        const path = join(folder, "holes");
        writeFileSync(path, "");
        truncateSync(path, 4 * 1024 * 1024);
        const fd = openSync(path, "r+");
        for (let at = 0; at < 60; at += 1) writeSync(fd, "x", at * 65_536);
        closeSync(fd);
      },
      ["--sparse"],
    );
    const found = listTar(bytes, 1000).find(({ entry }) => entry.name.endsWith("holes"));
    expect(found?.content.replaceAll("\0", "")).toBe("x".repeat(60));
    expect(found?.content[59 * 65_536]).toBe("x");
  });

  test("reads numbers in base 256, negative ones too", () => {
    const header = tarHeader({ type: "file", name: "f" });
    const times = rewritten(header, [{ at: 136, bytes: "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe" }]);
    const owner = rewritten(header, [{ at: 108, bytes: "\x80\0\0\0\xff\xff\xff\xfe" }]);
    expect(listTar(times)[0]?.entry.mtime).toEqual({ seconds: -2, nanos: 0 });
    expect(listTar(owner)[0]?.entry.uid).toBe(4_294_967_294);
  });

  test("takes a slash at the end of a file's name for a directory, without content", () => {
    const bytes = archive([{ name: "old/" }, { name: "f", content: "x" }]);
    expect(listTar(bytes).map(({ entry }) => [entry.type, entry.name])).toEqual([
      ["directory", "old/"],
      ["file", "f"],
    ]);
  });

  test("gives a link no content whatever its size says", () => {
    const link = tarHeader({ type: "symlink", name: "l", linkName: "f" });
    const bytes = concatenated([rewritten(link, [{ at: 124, bytes: "00000001000" }]), ...memberParts({ name: "f", content: "x" })]);
    expect(listTar(bytes).map(({ entry }) => entry.name)).toEqual(["l", "f"]);
  });

  test("checks global records and does not apply them", () => {
    const body = "11 path=xx\n";
    const header = rewritten(tarHeader({ type: "file", name: "g", size: body.length }), [{ at: 156, bytes: "g" }]);
    const bytes = concatenated([header, new TextEncoder().encode(body), tarPadding(body.length), ...memberParts({ name: "f" })]);
    expect(listTar(bytes).map(({ entry }) => entry.name)).toEqual(["f"]);
    const broken = concatenated([header, new TextEncoder().encode("99 path=xx\n"), tarPadding(body.length)]);
    expect(refused(broken)).toContain("bad pax record");
  });

  test("accepts an archive without its end mark", () => {
    expect(listTar(concatenated(memberParts({ name: "f", content: "x" })))).toHaveLength(1);
    expect(listTar(new Uint8Array(0))).toEqual([]);
  });

  test("ignores what stands behind the end mark", () => {
    expect(listTar(concatenated([archive([{ name: "f" }]), new Uint8Array(700).fill(1)]))).toHaveLength(1);
  });

  test("refuses an archive that was cut at any byte of an entry", () => {
    const bytes = concatenated(memberParts({ name: "x".repeat(200), content: "some content" }));
    for (let length = 1; length < bytes.length; length += 1) {
      const isBehindContent = length >= bytes.length - 500;
      expect(refused(bytes.subarray(0, length))).toBe(isBehindContent && length === bytes.length ? "accepted" : "unexpected EOF");
    }
  });

  test("refuses every header with one changed byte", () => {
    const header = tarHeader({ type: "file", name: "f" });
    for (let at = 0; at < 512; at += 1) {
      const changed = header.map((byte, index) => (index === at ? byte ^ 0x01 : byte));
      expect(`${at}: ${refused(concatenated([changed, tarEnd()]))}`).not.toBe(`${at}: accepted`);
    }
  });

  const oversize = (flag: string, size: string): Uint8Array =>
    rewritten(tarHeader({ type: "file", name: "x" }), [
      { at: 124, bytes: size },
      { at: 156, bytes: flag },
    ]);

  test.each([
    ["pax records of 8 GiB", oversize("x", "\x80\0\0\0\0\0\0\x02\0\0\0\0"), "extended header of 8589934592 bytes"],
    ["pax records over 1 MiB", oversize("x", "00004000001\0"), "extended header of 1048577 bytes"],
    ["a long name over 64 KiB", oversize("L", "00000200001\0"), "extended header of 65537 bytes"],
    ["a negative size", oversize("0", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"), "negative size"],
    ["a number beyond 2^53", oversize("0", "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "bad number"],
    ["a number that is none", oversize("0", "0000x000000\0"), "bad number"],
    ["an unknown type", oversize("Z", "00000000000\0"), "unhandled tar header type"],
    ["garbage", new Uint8Array(512).fill(0x41), "bad number"],
  ])("refuses %s", (_, bytes, reason) => {
    expect(refused(bytes)).toContain(reason);
  });

  const withPax = (body: string): Uint8Array =>
    concatenated([
      rewritten(tarHeader({ type: "file", name: "x", size: body.length }), [{ at: 156, bytes: "x" }]),
      bytesOf(body),
      tarPadding(body.length),
      ...memberParts({ name: "f" }),
    ]);

  test.each([
    ["a record without a length", "path=x\n", "bad pax record"],
    ["a record that is longer than the header", "99 path=x\n", "bad pax record"],
    ["a record without a new line", "9 path=xy", "bad pax record"],
    ["a record without a key", "5 =x\n", "bad pax record"],
    ["NUL in a path", "12 path=a\0b\n", "NUL in a pax record"],
    ["a size that is none", record("size", "x"), "bad pax size"],
    ["a time that is none", record("mtime", "1.x"), "bad pax mtime"],
    ["a sparse file without a map", record("GNU.sparse.size", "1000"), "sparse file without a map"],
    ["a sparse map that goes back", record("GNU.sparse.size", "1000") + record("GNU.sparse.map", "5,0,2,0"), "bad sparse map"],
    ["a sparse map beyond the file", record("GNU.sparse.size", "1000") + record("GNU.sparse.map", "2000,0"), "bad sparse map"],
    ["a sparse map of half a pair", record("GNU.sparse.size", "1000") + record("GNU.sparse.map", "1,0,2"), "bad sparse map"],
    ["a sparse map of more than is stored", record("GNU.sparse.size", "1000") + record("GNU.sparse.map", "0,9"), "bad sparse map"],
  ])("refuses %s", (_, body, reason) => {
    expect(refused(withPax(body))).toContain(reason);
  });

  test("keeps names apart that look alike (T03)", () => {
    const names = [utf8("\u00e9"), utf8("e\u0301"), "\xff", "a\nb", "\xc3"];
    expect(listTar(archive(names.map((name) => ({ name })))).map(({ entry }) => entry.name)).toEqual(names);
  });

  test("never fails but by refusing, whatever byte of an archive changes", () => {
    const bytes = archive([
      { name: "x".repeat(120), content: "abc", xattrs: new Map([["user.a", "b"]]) },
      { type: "symlink", name: "l", linkName: "t" },
    ]);
    for (let round = 0; round < 4000; round += 1) {
      const changed = new Uint8Array(bytes);
      const at = (round * 2_654_435_761) % 2048;
      changed[at] = (changed[at] ?? 0) ^ (1 << (round % 8));
      expect(typeof refused(changed)).toBe("string");
    }
  });
});
