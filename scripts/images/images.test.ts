import { describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../test/support/command.ts";
import { projectRoot } from "../../test/support/tools.ts";
import { printingProgram } from "./elf.ts";
import { greeting, helloWorldArchive } from "./hello-world-image.ts";

async function output(architecture: "amd64" | "arm64", runner: readonly string[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "gantry-elf-"));
  try {
    const path = join(folder, "hello");
    await writeFile(path, printingProgram(architecture, greeting));
    await chmod(path, 0o755);
    return await run([...runner, path]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const emulator = Bun.which("qemu-aarch64-static", { PATH: `${process.env["PATH"]}:${join(projectRoot, ".cache/tools/usr/bin")}` });

describe("printingProgram()", () => {
  test.skipIf(process.arch !== "x64")("prints its message on amd64", async () => {
    expect(await output("amd64", [])).toEqual({ code: 0, stdout: greeting, stderr: "" });
  });

  test.skipIf(emulator === null)("prints its message on arm64, emulated (skipped without qemu-aarch64-static)", async () => {
    expect(await output("arm64", [emulator ?? ""])).toEqual({ code: 0, stdout: greeting, stderr: "" });
  });
});

test("helloWorldArchive() is the same each time", () => {
  expect(Bun.hash(helloWorldArchive())).toBe(Bun.hash(helloWorldArchive()));
});
