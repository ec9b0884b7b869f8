import { describe, expect, test } from "bun:test";
import { defaultDetachKeys, DetachWatch, parseDetachKeys } from "./detach-keys.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const screened = (pieces: readonly string[], keys = defaultDetachKeys): { passed: string; detached: boolean } => {
  const watch = new DetachWatch(parseDetachKeys(keys));
  let passed = "";
  for (const piece of pieces) {
    const seen = watch.screen(bytes(piece));
    passed += new TextDecoder().decode(seen.bytes);
    if (seen.detached) return { passed, detached: true };
  }
  return { passed, detached: false };
};

describe("parseDetachKeys()", () => {
  test.each([
    ["ctrl-p,ctrl-q", [16, 17]],
    ["a,b", [97, 98]],
    ["ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [0, 27, 28, 29, 30, 31]],
    ["ctrl-A", [1]],
  ])("reads %p", (keys, expected) => {
    expect([...parseDetachKeys(keys)]).toEqual(expected);
  });

  test.each(["ctrl-1", "foo", "", "ctrl-"])("refuses %p", (keys) => {
    expect(() => parseDetachKeys(keys)).toThrow(`Unknown character: '${keys}'`);
  });
});

describe("DetachWatch", () => {
  test("ends at the sequence and keeps it from the container", () => {
    expect(screened(["ls\r\u0010\u0011rest"])).toEqual({ passed: "ls\r", detached: true });
  });

  test("knows the sequence across pieces", () => {
    expect(screened(["a\u0010", "\u0011"])).toEqual({ passed: "a", detached: true });
  });

  test("passes on the keys of a sequence that breaks off", () => {
    expect(screened(["\u0010", "x"])).toEqual({ passed: "\u0010x", detached: false });
  });

  test("begins anew with the key that broke it", () => {
    expect(screened(["\u0010\u0010\u0011"])).toEqual({ passed: "\u0010", detached: true });
  });

  test("passes bytes above 127 as they are", () => {
    const watch = new DetachWatch(parseDetachKeys("a"));
    expect(watch.screen(Uint8Array.of(0, 200, 255))).toEqual({ bytes: Uint8Array.of(0, 200, 255), detached: false });
  });
});
