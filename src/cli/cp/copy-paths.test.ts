import { describe, expect, test } from "bun:test";
import { cleanPath, keepEnding, planCopy, renamed, splitArgument, splitPath } from "./copy-paths.ts";

const folder = (path: string) => ({ path, exists: true, isFolder: true });
const file = (path: string) => ({ path, exists: true, isFolder: false });
const nothing = (path: string) => ({ path, exists: false, isFolder: false });

describe("splitArgument()", () => {
  test.each([
    ["web:/etc", "web", "/etc"],
    ["web:", "web", ""],
    ["web:a:b", "web", "a:b"],
    ["./a:b", "", "./a:b"],
    ["/a:b", "", "/a:b"],
    ["a", "", "a"],
    ["-", "", "-"],
  ])("%s", (argument, container, path) => expect(splitArgument(argument)).toEqual({ container, path }));
});

describe("splitPath()", () => {
  test.each([
    ["/a/b", "/a/", "b"],
    ["/a/b/", "/a/", "b"],
    ["/a/b/.", "/a/b/", "."],
    ["/a", "/", "a"],
    ["/", "/", "/"],
    ["/.", "/", "."],
    ["a", ".", "a"],
  ])("%s", (path, where, base) => expect(splitPath(path)).toEqual({ folder: where, base }));
});

describe("planCopy()", () => {
  test("puts the source into a directory that is there", () => {
    expect(planCopy(file("/s/f"), folder("/d"))).toEqual({ folder: "/d" });
    expect(planCopy(folder("/s/d"), folder("/d/"))).toEqual({ folder: "/d/" });
  });

  test("gives the source the destination's name where that is a file, or not there", () => {
    expect(planCopy(file("/s/f"), file("/d/g"))).toEqual({ folder: "/d/", rename: { from: "f", to: "g" } });
    expect(planCopy(file("/s/f"), nothing("/d/g"))).toEqual({ folder: "/d/", rename: { from: "f", to: "g" } });
    expect(planCopy(folder("/s/d/."), nothing("/d/g"))).toEqual({ folder: "/d/", rename: { from: ".", to: "g" } });
    expect(planCopy(folder("/s/d"), nothing("/d/g/"))).toEqual({ folder: "/d/", rename: { from: "d", to: "g" } });
  });

  test("takes the name that a followed link had", () => {
    expect(planCopy({ ...file("/s/f"), name: "link" }, nothing("/d/g")).rename).toEqual({ from: "link", to: "g" });
  });

  test("refuses a directory over a file, and a file into no directory", () => {
    expect(() => planCopy(folder("/s/d"), file("/d/f"))).toThrow("cannot copy directory");
    expect(() => planCopy(file("/s/f"), nothing("/d/no/"))).toThrow("no such directory");
    expect(() => planCopy(file("/s/f"), nothing("/d/no/."))).toThrow("no such directory");
  });
});

describe("renamed()", () => {
  test.each([
    ["a", { from: "a", to: "b" }, "b"],
    ["a/x", { from: "a", to: "b" }, "b/x"],
    ["ab/x", { from: "a", to: "b" }, "ab/x"],
    ["./x", { from: ".", to: "b" }, "b/x"],
    ["/", { from: "/", to: "b" }, "b/"],
    ["/bin/sh", { from: "/", to: "b" }, "b/bin/sh"],
  ])("%s by %j", (name, rename, expected) => expect(renamed(name, rename)).toBe(expected));

  test("leaves names alone without a change", () => expect(renamed("a/b", undefined)).toBe("a/b"));
});

test("cleanPath() and keepEnding() are Go's path.Clean, with what the end says", () => {
  expect(["/a//b/../c/.", "../x/..", "", "/..", "a/./b"].map(cleanPath)).toEqual(["/a/c", "..", ".", "/", "a/b"]);
  expect([keepEnding("/a/b/", "b/"), keepEnding("/a/b/.", "b/."), keepEnding("/", "/"), keepEnding("/a/.", ".")]).toEqual([
    "/a/b/",
    "/a/b/.",
    "/",
    "/a/.",
  ]);
});
