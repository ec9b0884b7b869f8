import { describe, expect, test } from "bun:test";
import { backOff, pause, retryAfter } from "./retry.ts";

describe("retryAfter()", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  test.each([
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
    ["soon", undefined],
    ["-5x", undefined],
  ])("reads %j", (header, milliseconds) => {
    expect(retryAfter(new Response("", { headers: { "Retry-After": header } }), now)).toBe(milliseconds);
  });
});

describe("backOff()", () => {
  test("doubles up to a bound, and leaves half of it to chance", () => {
    const least = [1, 2, 3, 10].map((attempt) => backOff(attempt, () => 0));
    const most = [1, 2, 3, 10].map((attempt) => backOff(attempt, () => 1));
    expect([least, most]).toEqual([
      [125, 250, 500, 4000],
      [250, 500, 1000, 8000],
    ]);
  });
});

test("pause() ends with its signal", async () => {
  const stop = new AbortController();
  const waiting = pause(1_000_000, stop.signal);
  stop.abort(new Error("gone"));
  expect(await waiting.catch((error: unknown) => String(error))).toBe("Error: gone");
});
