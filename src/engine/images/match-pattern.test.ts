import { describe, expect, test } from "bun:test";
import { matchPattern } from "./match-pattern.ts";

describe("matchPattern()", () => {
  test.each<[string, string, boolean]>([
    ["busybox", "busybox", true],
    ["busy*", "busybox", true],
    ["*", "busybox:latest", true],
    ["*", "team/busybox", false],
    ["*/*", "team/busybox", true],
    ["b?sybox", "busybox", true],
    ["[a-c]usybox", "busybox", true],
    ["[^a-c]usybox", "busybox", false],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["*a*b*c", "xaxbxcxbxc", true],
    ["*a*b*c", "xaxbxcx", false],
    ["", "", true],
  ])("%j on %j is %j", (pattern, text, fits) => {
    expect(matchPattern(pattern, text)).toBe(fits);
  });

  test.each(["[", "[a", "\\"])("refuses %j", (pattern) => {
    expect(() => matchPattern(pattern, "x")).toThrow("syntax error in pattern");
  });

  test("takes no longer for a pattern made of stars", () => {
    const started = performance.now();
    expect(matchPattern("*a".repeat(500), "a".repeat(499))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
