import { expect, test } from "bun:test";
import { tellPieces } from "./tell-pieces.ts";

test("tellPieces() says one line for the manual pages of a folder that fared alike", () => {
  const pages = ["gantry", "gantry-run"].map((name) => `/share/man/man1/${name}.1`);
  expect(
    tellPieces([
      { outcome: "made", path: "/bin/gantry" },
      ...pages.map((path) => ({ outcome: "made", path })),
      { outcome: "unchanged", path: "/share/man/man1/gantry-ps.1" },
      { outcome: "made", path: "/share/man/man8/gantryd.8" },
    ]),
  ).toEqual([
    "made /bin/gantry",
    "made /share/man/man1: 2 manual pages",
    "unchanged /share/man/man1: 1 manual page",
    "made /share/man/man8: 1 manual page",
  ]);
});
