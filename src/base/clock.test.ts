import { describe, expect, test } from "bun:test";
import { formatInstant, now, parseInstant } from "./clock.ts";

describe("formatInstant()", () => {
  test.each([
    [0n, "1970-01-01T00:00:00Z"],
    [1_700_000_000_120_000_000n, "2023-11-14T22:13:20.12Z"],
    [1_700_000_000_000_000_001n, "2023-11-14T22:13:20.000000001Z"],
    [-1n, "1969-12-31T23:59:59.999999999Z"],
  ])("prints %d as Go does", (instant, text) => {
    expect(formatInstant(instant)).toBe(text);
    expect(parseInstant(text)).toBe(instant);
  });
});

describe("parseInstant()", () => {
  test("takes offsets and up to nine digits", () => {
    expect(parseInstant("2023-11-14T23:13:20.5+01:00")).toBe(1_700_000_000_500_000_000n);
    expect(parseInstant("2023-11-14T22:13:20.1234567899Z")).toBe(1_700_000_000_123_456_789n);
  });

  test.each(["", "yesterday", "2023-11-14", "2023-13-99T00:00:00Z"])("finds no instant in %j", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

test("now() agrees with the wall clock", () => {
  expect(Math.abs(Number(now() / 1_000_000n) - Date.now())).toBeLessThan(1000);
});
