import { describe, expect, test } from "bun:test";
import { writableSize } from "./storage-options.ts";

describe("writableSize()", () => {
  test.each([
    ["1G", 2 ** 30],
    ["1.5g", 1.5 * 2 ** 30],
    ["512 MiB", 2 ** 29],
    ["100kb", 102_400],
    ["7", 7],
  ])("reads %p", (size, bytes) => {
    expect(writableSize({ size })).toBe(bytes);
  });

  test("of nothing is none", () => {
    expect([writableSize(), writableSize({}), writableSize({ SIZE: "0" })]).toEqual([undefined, undefined, 0]);
  });

  test.each([
    [{ size: "abc" }, "invalid size: 'abc'"],
    [{ size: "9".repeat(15) + "p" }, "invalid size"],
    [{ foo: "1" }, "Unknown option foo"],
  ])("refuses %p", (options, reason) => {
    expect(() => writableSize(options)).toThrow(reason);
  });
});
