import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runRuntime, type RuntimeProgram } from "./runtime-program.ts";

async function answerOf(script: string, patience: number): Promise<string | undefined> {
  const root = mkdtempSync(join(tmpdir(), "runtime-"));
  try {
    const path = join(root, "runtime");
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const program: RuntimeProgram = {
      name: "stuck",
      version: "",
      path,
      run: path,
      args: [],
      root,
      takesFilter: false,
      isRegistered: false,
    };
    return await runRuntime(program, ["start", "x"], patience);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("I20 runRuntime() ends a runtime that hangs, even when what it started holds its output", async () => {
  expect(await answerOf("exec sleep 30", 50)).toBe("stuck start did not return in 0.05 s and was ended");
  expect(await answerOf("sleep 3 & exit 1", 50)).toBe("stuck start did not return in 0.05 s and was ended");
});

test("runRuntime() gives the words of one that failed, and none of one that did not", async () => {
  expect(await answerOf("echo no >&2; exit 1", 10_000)).toBe("no\n");
  expect(await answerOf("echo yes >&2", 10_000)).toBeUndefined();
});
