import { describe, expect, test } from "bun:test";
import { anonymousLabels, checkVolumeName, checkVolumeOptions, isAnonymous } from "./volume.ts";

describe("checkVolumeName()", () => {
  test.each(["ab", "A1", "0_.-", "x".repeat(255)])("takes %j", (name) => {
    expect(() => checkVolumeName(name)).not.toThrow();
  });

  test.each(["", "a", "../x", "a/b", ".a", "a b", "a\0b", "ä1", "x".repeat(256)])("refuses %j", (name) => {
    expect(() => checkVolumeName(name)).toThrow(`create ${name}: `);
  });
});

// Recorded from Docker 28.5.2.
test.each([
  [{ typ: "x" }, 'create v3: invalid option: "typ"'],
  [{ type: "x" }, 'create v3: missing required option: "device"'],
  [{ o: "size=1m" }, 'create v3: missing required option: "device"'],
  [{ size: "1m" }, "create v3: quota size requested but no quota support"],
  [{ size: "foo" }, "create v3: invalid size: 'foo'"],
])("checkVolumeOptions() refuses %j in Docker's words", (options, words) => {
  expect(() => checkVolumeOptions("v3", options)).toThrow(words);
});

test("checkVolumeOptions() takes a device with its type, and nothing at all", () => {
  expect(() => checkVolumeOptions("v3", { type: "none", device: "/x", o: "bind" })).not.toThrow();
  expect(() => checkVolumeOptions("v3")).not.toThrow();
});

test("isAnonymous() goes by the label", () => {
  const volume = { name: "v", created: 1n };
  expect([isAnonymous(volume), isAnonymous({ ...volume, labels: {} }), isAnonymous({ ...volume, labels: anonymousLabels })]).toEqual([
    false,
    false,
    true,
  ]);
});
