import { expect, test } from "bun:test";
import { encodeProgress, failedProgress, formatBar } from "./progress-line.ts";

test("encodeProgress() ends a line as Docker does", () => {
  expect(encodeProgress({ status: "Downloading", id: "x" })).toBe('{"status":"Downloading","id":"x"}\r\n');
});

test("failedProgress() says the sentence twice, for old and new clients", () => {
  expect(failedProgress("broken")).toEqual({ errorDetail: { message: "broken" }, error: "broken" });
});

test("formatBar() shows how far it is", () => {
  expect(formatBar(0, 100)).toBe(`[>${" ".repeat(50)}]       0B/100B`);
  expect(formatBar(50, 100)).toBe(`[${"=".repeat(25)}>${" ".repeat(25)}]      50B/100B`);
  expect(formatBar(100, 100)).toBe(`[${"=".repeat(50)}>]     100B/100B`);
  expect(formatBar(1500, 0)).toBe("   1.5kB");
});
