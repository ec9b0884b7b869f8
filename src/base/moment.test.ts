import { describe, expect, test } from "bun:test";
import { durationSeconds, parseMoment } from "./moment.ts";

const now = new Date("2026-11-21T08:00:00.500Z");

describe("parseMoment()", () => {
  test.each([
    ["10m", "1795247400"],
    ["1h30m", "1795242600"],
    ["0s", "1795248000"],
    ["0", "0"],
    ["-5s", "1795248005"],
    ["1795248000", "1795248000"],
    ["1795248000.123456789", "1795248000.123456789"],
    ["2026-11-21T08:00:00Z", "1795248000.000000000"],
    ["2026-11-21T08:00:00.25Z", "1795248000.250000000"],
    ["2026-11-21T09:00+01:00", "1795248000.000000000"],
    ["2026-11-21Z", "1795219200.000000000"],
  ])("reads %p", (text, moment) => {
    expect(parseMoment(text, now)).toBe(moment);
  });

  test.each(["x", "", "2026-13-40", "1y"])("refuses %p", (text) => {
    expect(() => parseMoment(text, now)).toThrow(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  });
});

test("durationSeconds() reads Go's durations", () => {
  expect(["1.5s", "100ms", "1h1m1s", "2µs", "s", "1"].map(durationSeconds)).toEqual([1.5, 0.1, 3661, 2e-6, undefined, undefined]);
});
