import { describe, expect, test } from "bun:test";
import { binarySize, humanDuration, preciseTime } from "./human.ts";

describe("humanDuration()", () => {
  test.each([
    [0.4, "Less than a second"],
    [1.9, "1 second"],
    [59, "59 seconds"],
    [60, "About a minute"],
    [119, "About a minute"],
    [120, "2 minutes"],
    [3599, "59 minutes"],
    [3600, "About an hour"],
    [5400, "2 hours"],
    [47 * 3600, "47 hours"],
    [48 * 3600, "2 days"],
    [14 * 86400, "2 weeks"],
    [60 * 86400, "2 months"],
    [730 * 86400, "2 years"],
  ])("says %p seconds as Docker does", (seconds, words) => {
    expect(humanDuration(seconds)).toBe(words);
  });
});

test("binarySize() has four significant digits", () => {
  expect([0, 1023, 1024, 25_276_272_640].map(binarySize)).toEqual(["0B", "1023B", "1KiB", "23.54GiB"]);
});

test("preciseTime() keeps nine digits", () => {
  const offset = new Date(1795248215804).getTimezoneOffset();
  const text = preciseTime(1_795_248_215_804_175_160n);
  expect(text).toContain(".804175160");
  expect(text.endsWith("Z")).toBe(offset === 0);
});
