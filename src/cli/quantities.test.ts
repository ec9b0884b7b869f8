import { describe, expect, test } from "bun:test";
import { parseBytes, parseCpus, parseUlimit } from "./quantities.ts";

describe("parseBytes()", () => {
  test.each([
    ["4", 4],
    ["64m", 67108864],
    ["64MB", 67108864],
    ["64MiB", 67108864],
    ["1.5g", 1610612736],
    ["10 k", 10240],
    ["7b", 7],
    ["0", 0],
    ["1t", 2 ** 40],
  ])("reads %p", (text, size) => {
    expect(parseBytes(text)).toBe(size);
  });

  test.each([
    ["x", "invalid size: 'x'"],
    ["1x", "invalid suffix: 'x'"],
    ["1kx", "invalid suffix: 'kx'"],
    ["", "invalid size: ''"],
    ["-1m", "invalid size: '-1m'"],
  ])("refuses %p", (text, message) => {
    expect(() => parseBytes(text)).toThrow(message);
  });
});

describe("parseCpus()", () => {
  test.each([
    ["1.5", 1_500_000_000],
    ["2", 2_000_000_000],
    [".5", 500_000_000],
    ["0.000000001", 1],
    ["1.10", 1_100_000_000],
  ])("reads %p exactly", (text, nanos) => {
    expect(parseCpus(text)).toBe(nanos);
  });

  test("refuses words and what is finer than a billionth", () => {
    expect(() => parseCpus("x")).toThrow("failed to parse x as a rational number");
    expect(() => parseCpus("1.0000000001")).toThrow("value is too precise");
  });
});

describe("parseUlimit()", () => {
  test("reads one limit as both, and -1 as none", () => {
    expect(parseUlimit("nofile=10")).toEqual({ Name: "nofile", Soft: 10, Hard: 10 });
    expect(parseUlimit("nofile=10:20")).toEqual({ Name: "nofile", Soft: 10, Hard: 20 });
    expect(parseUlimit("core=-1")).toEqual({ Name: "core", Soft: -1, Hard: -1 });
  });

  test.each([
    ["x", "invalid ulimit argument: x"],
    ["foo=1", "invalid ulimit type: foo"],
    ["nofile=a", 'strconv.ParseInt: parsing "a": invalid syntax'],
    ["nofile=3:2", "ulimit soft limit must be less than or equal to hard limit: 3 > 2"],
  ])("refuses %p", (text, message) => {
    expect(() => parseUlimit(text)).toThrow(message);
  });
});
