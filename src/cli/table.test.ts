import { expect, test } from "bun:test";
import { formatTable } from "./table.ts";

test("formatTable() has columns of at least ten with three between, and no trailing space", () => {
  expect(
    formatTable([
      ["IMAGE", "COMMAND", "NAMES"],
      ["busybox", '"sleep 1000"', "web"],
    ]),
  ).toBe('IMAGE     COMMAND        NAMES\nbusybox   "sleep 1000"   web\n');
});

test("formatTable() counts columns of the screen, not characters", () => {
  expect(
    formatTable([
      ["日本語日本語", "x"],
      ["ab", "y"],
    ]),
  ).toBe(`日本語日本語   x\nab${" ".repeat(13)}y\n`);
});
