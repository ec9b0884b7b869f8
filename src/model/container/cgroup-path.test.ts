import { describe, expect, test } from "bun:test";
import { cgroupPathOf, checkCgroupParent } from "./cgroup-path.ts";

describe("cgroupPathOf()", () => {
  test.each([
    [undefined, "/gantry/c/a"],
    ["", "/gantry/c/a"],
    ["/", "/gantry/c/a"],
    ["foo", "/foo/a"],
    ["/foo//bar/./", "/foo/bar/a"],
    ["foo.slice", "/foo.slice/a"],
  ])("%p is %p", (parent, path) => {
    expect(cgroupPathOf("a", parent === undefined ? {} : { cgroupParent: parent }, "/gantry")).toBe(path);
  });

  test("a way up ends at the root", () => {
    expect(cgroupPathOf("a", { cgroupParent: "../../foo/../../bar" }, "/gantry")).toBe("/bar/a");
  });
});

describe("checkCgroupParent()", () => {
  test.each([
    ["a\nb", 'invalid cgroup parent "a\\nb": it has control characters'],
    [`/${"a".repeat(256)}`, "a name in it is too long"],
    ["a/".repeat(2_000), "it is too long"],
  ])("refuses %p", (parent, reason) => {
    expect(() => checkCgroupParent(parent)).toThrow(reason);
  });
});
