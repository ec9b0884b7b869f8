import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownIds } from "./runtime-program.ts";

test("knownIds() leaves out what the runtime keeps for itself", () => {
  const root = mkdtempSync(join(tmpdir(), "gantry-runtime-"));
  try {
    for (const name of [".empty-directory", "a1b2"]) mkdirSync(join(root, name));
    expect(knownIds({ name: "crun", version: "", path: "", run: "", args: [], root, takesFilter: false })).toEqual(["a1b2"]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
