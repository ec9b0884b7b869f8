import { describe, expect, test } from "bun:test";
import { layerPath, linkTarget } from "./whiteout.ts";

describe("layerPath()", () => {
  test.each([
    ["a/b", { kind: "entry", parent: "a", name: "b" }],
    ["./a//b/./c/", { kind: "entry", parent: "a/b", name: "c" }],
    ["/etc/passwd", { kind: "entry", parent: "etc", name: "passwd" }],
    ["a/../b", { kind: "entry", parent: "", name: "b" }],
    ["", { kind: "root" }],
    [".", { kind: "root" }],
    ["/", { kind: "root" }],
    ["a/..", { kind: "root" }],
    ["d/.wh.x", { kind: "whiteout", parent: "d", name: "x" }],
    [".wh.x", { kind: "whiteout", parent: "", name: "x" }],
    [".wh....", { kind: "whiteout", parent: "", name: "..." }],
    ["d/.wh..wh..opq", { kind: "opaque", parent: "d" }],
    [".wh..wh.plnk/x", { kind: "ignored" }],
    ["d/.wh..wh.aufs", { kind: "ignored" }],
  ])("reads %p", (name, place) => {
    const found: unknown = layerPath(name);
    expect(found).toEqual(place);
  });

  test.each(["../x", "a/../../x", "/..", "..", ".wh.", ".wh..", ".wh...", "d/.wh..", "d/.wh...", ".wh.d/x", "a\0b"])(
    "refuses %p",
    (name) => {
      expect(() => layerPath(name)).toThrow(expect.objectContaining({ fault: "invalid" }));
    },
  );
});

describe("linkTarget()", () => {
  test("is relative to the root of the layer", () => {
    expect(linkTarget("/a/./b/c")).toEqual({ parent: "a/b", name: "c" });
  });

  test.each(["", ".", "/", "../x", "a/../../b"])("refuses %p", (name) => {
    expect(() => linkTarget(name)).toThrow(expect.objectContaining({ fault: "invalid" }));
  });
});
