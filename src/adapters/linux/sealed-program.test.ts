import { describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, openSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { sealProgram } from "./sealed-program.ts";

describe("sealProgram()", () => {
  const copy = sealProgram("/bin/ls");

  test("gives the same bytes under another path, once", () => {
    expect(readFileSync(copy).equals(readFileSync("/bin/ls"))).toBe(true);
    expect(sealProgram("/bin/ls")).toBe(copy);
  });

  test("runs, as a file that nobody finds in a folder", () => {
    const child = Bun.spawnSync([copy, "-l", "/proc/self/exe"]);
    expect([child.exitCode, child.stdout.toString()]).toEqual([0, expect.stringContaining("/memfd:ls (deleted)")]);
    expect(readlinkSync(copy)).toBe("/memfd:ls (deleted)");
  });

  test("cannot be written, not even by root", () => {
    const fd = openSync(copy, "r+");
    try {
      expect(() => writeSync(fd, "x")).toThrow("EPERM");
      expect(() => ftruncateSync(fd, 0)).toThrow("EPERM");
    } finally {
      closeSync(fd);
    }
  });
});
