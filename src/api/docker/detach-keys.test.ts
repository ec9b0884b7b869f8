import { describe, expect, test } from "bun:test";
import { DetachWatch, parseDetachKeys } from "./detach-keys.ts";

const refuse = (text: string): string => `bad ${text}`;

test("parseDetachKeys() reads letters and control keys", () => {
  expect(parseDetachKeys("ctrl-a,x,ctrl-_", refuse)).toEqual([1, 120, 31]);
  expect(parseDetachKeys("", refuse)).toEqual([16, 17]);
  expect(() => parseDetachKeys("foo", refuse)).toThrow("bad foo");
  expect(() => parseDetachKeys("ctrl-é", refuse)).toThrow("bad ctrl-é");
});

describe("DetachWatch", () => {
  const typed = (watch: DetachWatch, ...codes: number[]): string => {
    const { pass, detached } = watch.push(Uint8Array.from(codes));
    return `${[...pass].join(" ")}${detached ? " detached" : ""}`;
  };

  test("push() passes what is no sequence, and keeps back what may become one", () => {
    const watch = new DetachWatch([16, 17]);
    expect(typed(watch, 97, 16)).toBe("97");
    expect(typed(watch, 98)).toBe("16 98");
    expect(typed(watch, 16, 16, 17, 99)).toBe("16 detached");
  });

  test("push() finds a sequence that comes in pieces", () => {
    const watch = new DetachWatch([16, 17]);
    expect(typed(watch, 16)).toBe("");
    expect(typed(watch, 17)).toBe(" detached");
  });

  test("push() finds a sequence of one key", () => {
    expect(typed(new DetachWatch([1]), 97, 1)).toBe("97 detached");
  });
});
