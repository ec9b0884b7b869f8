import { describe, expect, test } from "bun:test";
import { parseSignal } from "./signals.ts";

describe("parseSignal()", () => {
  test("reads numbers and names, with and without SIG, in any case", () => {
    const texts = ["9", "KILL", "SIGKILL", "sigkill", "Term", "HUP", "IOT", "CLD", "POLL", "64"];
    expect(texts.map(parseSignal)).toEqual([9, 9, 9, 9, 15, 1, 6, 17, 29, 64]);
  });

  test("reads real-time signals as far as they are named", () => {
    expect(["RTMIN", "SIGRTMIN+1", "rtmin+15", "RTMAX-14", "RTMAX-1", "RTMAX"].map(parseSignal)).toEqual([34, 35, 49, 50, 63, 64]);
  });

  for (const text of [
    "",
    "0",
    "-0",
    "FOO",
    "SIG",
    "SIGSIGKILL",
    "RTMIN+0",
    "RTMIN+16",
    "RTMAX-15",
    "RTMIN+01",
    "9 ",
    "KILL\0",
    "__proto__",
  ]) {
    test(`refuses ${JSON.stringify(text)} as Docker does`, () => {
      expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`);
    });
  }

  for (const text of ["65", "-9", "99999999999999999999"]) {
    test(`refuses ${text} as a signal that Linux does not have`, () => {
      expect(() => parseSignal(text)).toThrow("the linux daemon does not support signal");
    });
  }
});
