// An image with everything that layers can hold, as a process in it sees it: just as Docker 28.5 shows it (its listings are recorded; test/long
// holds both engines against each other live).
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { TreeViewer, withoutImpliedTimes } from "../support/image-tree.ts";
import { oddArchive } from "../support/odd-image.ts";

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

test.each(["implied", "explicit"])("a tree of three layers whose folders are %s above is the one that Docker shows", async (form) => {
  const viewer = new TreeViewer(daemon.place.socket);
  expect(await viewer.load(await oddArchive({ implied: form === "implied" }))).toContain("Loaded image: odd:1");
  const recorded = readFileSync(join(import.meta.dir, `../fixtures/image-tree/${form}.txt`), "utf8");
  const seen = await viewer.list("odd:1");
  expect(withoutImpliedTimes(seen).split("\n")).toEqual(withoutImpliedTimes(recorded).split("\n"));
  expect(seen).toContain("odd/plain -rw-r----- 1000:1001 0:0 2001-09-09 01:46:40.123456789 +0000");
  expect(seen.split("\n").filter((line) => line.includes("becomes-file/inside") || line.includes("opaque/lower"))).toEqual([]);
  await viewer.removeImage("odd:1");
});
