import { describe, expect, test } from "bun:test";
import type { ByteString, TarSink } from "#image";
import { BoundedSink, entryLimits } from "./bounded-sink.ts";

const nowhere: TarSink = { entry: () => undefined, content: () => undefined, entryEnd: () => undefined };

function unpack(names: Iterable<ByteString>, packedSize: number): void {
  const sink = new BoundedSink(nowhere, packedSize);
  const base = {
    type: "file",
    linkName: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: { seconds: 0, nanos: 0 },
    major: 0,
    minor: 0,
  } as const;
  for (const name of names) sink.entry({ ...base, name, xattrs: new Map(), sparse: false, offset: 0 });
}

function* numbered(count: number, folder = ""): Generator<ByteString> {
  for (let number = 0; number < count; number += 1) yield `${folder}${number}`;
}

describe("BoundedSink (A10)", () => {
  test("takes as many files as any layer may have, and more of a layer that is large", () => {
    unpack(numbered(entryLimits.free - 1), 1000);
    expect(() => unpack(numbered(entryLimits.free + 1), 1000)).toThrow("1000 bytes become more than 16384 files");
    unpack(numbered(200_000), 2_000_010);
  });

  test("counts the folders that a name implies, each time that it leads elsewhere", () => {
    const deep = "a/".repeat(2000);
    unpack(numbered(500, `b/${deep}`), 1000);
    expect(() =>
      unpack(
        [...numbered(12)].map((name) => `${name}/${deep}f`),
        1000,
      ),
    ).toThrow("files");
  });
});
