import { expect, test } from "bun:test";
import { unixTime } from "./time-point.ts";

test.each([
  ["2026-01-02T03:04:05.123456789Z", "1767323045.123456789"],
  ["2026-01-02T03:04:05.5+01:00", "1767319445.500000000"],
  ["2026-01-02T03:04:05Z", "1767323045.000000000"],
  [12.5, "12.500000000"],
  [new Date(1500), "1.500000000"],
])("unixTime() of %p keeps every digit", (point, text) => {
  expect(unixTime(point)).toBe(text);
});

test("unixTime() refuses what is no time", () => {
  expect(() => unixTime("10m")).toThrow(new RangeError('"10m" is no time of RFC 3339'));
});
