import { describe, expect, test } from "bun:test";
import { byteStringOfText, tarEnd, tarHeader, tarPadding, type TarMember } from "#image";
import { zipOf } from "../../../test/support/zip.ts";
import { contextArchive, maxArchive, readContextArchive } from "./archive.ts";

const meta = JSON.stringify({
  Name: "there",
  Metadata: { Description: "d" },
  Endpoints: { docker: { Host: "tcp://h:1", SkipTLSVerify: false } },
});

interface Member extends Partial<TarMember> {
  readonly name: string;
  readonly content?: string;
}

function tarOf(members: readonly Member[]): Uint8Array {
  const parts = members.flatMap(({ name, content = "", ...more }) => {
    const bytes = Buffer.from(content);
    const size = more.type === undefined ? { size: bytes.length } : {};
    return [tarHeader({ type: "file", ...size, ...more, name: byteStringOfText(name) }), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, tarEnd()]);
}

/** The end record says that the directory begins far behind the end. */
function outsideZip(): Uint8Array {
  const archive = Buffer.from(zipOf([{ name: "meta.json", content: meta }]));
  return archive.fill(0xff, archive.length - 6, archive.length - 2);
}

function refusal(archive: Uint8Array): string {
  try {
    readContextArchive(archive);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const whole = {
  file: JSON.parse(meta) as ReturnType<typeof readContextArchive>["file"],
  tls: { docker: { "ca.pem": new TextEncoder().encode("authority"), "key.pem": new TextEncoder().encode("key") } },
};

describe("readContextArchive()", () => {
  test("reads what contextArchive() wrote", () => {
    const { file, tls } = readContextArchive(contextArchive(whole));
    expect(file).toEqual(whole.file);
    expect(Object.entries(tls["docker"] ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ["ca.pem", "authority"],
      ["key.pem", "key"],
    ]);
  });

  test("reads an archive that ends behind its last byte, as Docker writes it", () => {
    const archive = tarOf([
      { name: "meta.json", content: meta },
      { name: "tls/docker/ca.pem", content: "authority" },
    ]);
    const end = archive.length - tarEnd().length - tarPadding("authority".length).length;
    expect(Buffer.from(readContextArchive(archive.subarray(0, end)).tls["docker"]?.["ca.pem"] ?? []).toString()).toBe("authority");
  });

  test("reads a zip", () => {
    const archive = zipOf([
      { name: "meta.json", content: meta },
      { name: "tls/", content: "" },
      { name: "tls/docker/ca.pem", content: "authority" },
    ]);
    expect(readContextArchive(archive).file).toEqual(whole.file);
  });

  const attacks: readonly (readonly [name: string, message: string])[] = [
    ["../../evil", "../../evil: unexpected context file"],
    ["/etc/evil", "/etc/evil: unexpected context file"],
    ["tls/../../evil", "tls/../../evil: unexpected path format"],
    ["tls/docker/../../evil", "tls/docker/../../evil: unexpected path format"],
    ["tls/docker/..", "tls/docker/..: unexpected path format"],
    ["tls//evil", "tls//evil: unexpected path format"],
    ["tls/./evil", "tls/./evil: unexpected path format"],
    ["tls/docker/deep/evil", "archive format is invalid"],
    ["tls/evil", "archive format is invalid"],
    ["tls\\..\\evil", "tls\\..\\evil: unexpected context file"],
    ["./meta.json", "./meta.json: unexpected context file"],
  ];

  test.each(attacks)("refuses the file %p in a tar and in a zip", (name, message) => {
    const members = [
      { name: "meta.json", content: meta },
      { name, content: "evil" },
    ];
    expect([refusal(tarOf(members)), refusal(zipOf(members))]).toEqual([message, message]);
  });

  test.each(["symlink", "hardlink", "char", "fifo"] as const)("refuses a %s", (type) => {
    const members = [
      { name: "meta.json", content: meta },
      { name: "tls/docker/ca.pem", type, linkName: byteStringOfText("/etc/passwd") },
    ];
    expect(refusal(tarOf(members))).toBe(`tls/docker/ca.pem: unexpected ${type} in a context`);
  });

  test("refuses a symlink in a zip", () => {
    const link = { name: "tls/docker/ca.pem", content: "/etc/passwd", mode: 0o120777 };
    expect(refusal(zipOf([{ name: "meta.json", content: meta }, link]))).toBe("tls/docker/ca.pem: unexpected symlink in a context");
  });

  test("refuses what is too large, said openly or hidden in a zip", () => {
    const huge = Buffer.alloc(maxArchive + 1);
    const name = "tls/docker/ca.pem";
    expect([
      refusal(tarHeader({ type: "file", name, size: 2 ** 40 })),
      refusal(zipOf([{ name, content: huge }])),
      refusal(zipOf([{ name, content: huge, claimedSize: 10 }])),
    ]).toEqual([
      "read exceeds the defined limit",
      "read exceeds the defined limit",
      "zip: content is broken or larger than the directory says",
    ]);
  });

  test.each([
    ["an empty file", Buffer.alloc(0), "invalid context: no metadata found"],
    ["a tar without meta.json", tarOf([{ name: "tls/docker/ca.pem", content: "x" }]), "invalid context: no metadata found"],
    ["text", Buffer.alloc(1024, "x"), "archive/tar: invalid tar header"],
    ["half a zip", zipOf([{ name: "meta.json", content: meta }]).subarray(0, 80), "zip: not a valid zip file"],
    ["a zip whose offsets lead outside", outsideZip(), "zip: not a valid zip file"],
    [
      "meta.json with endpoints that are none",
      tarOf([{ name: "meta.json", content: '{"Name":"x","Endpoints":{"docker":3}}' }]),
      "wrong endpoints",
    ],
  ])("refuses %s", (_, archive, message) => {
    expect(refusal(archive)).toContain(message);
  });
});
