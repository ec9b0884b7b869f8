// Docker's own plugins under our command line: those in the folder that CLI_PLUGINS names.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Output } from "../support/command.ts";
import { builtProgram } from "../support/tools.ts";

const plugins = process.env["CLI_PLUGINS"] ?? "";

describe.skipIf(plugins === "")("Docker's plugins [skip: CLI_PLUGINS names a folder with docker-buildx and docker-compose]", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gantry-plugins-"));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ cliPluginsExtraDirs: [plugins] }));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const gantry = (...args: readonly string[]): Promise<Output> =>
    run([builtProgram("gantry"), ...args], { env: { DOCKER_CONFIG: folder, DOCKER_HOST: "" } });

  test.each([
    ["buildx", /^github.com\/docker\/buildx \S+/],
    ["compose", /^Docker Compose version \S+/],
  ])("%s says its version, is in the help, and completes its own words", async (name, version) => {
    const { code, stdout } = await gantry(name, "version");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(version) as string });
    expect((await gantry("--help")).stdout).toMatch(new RegExp(`^  ${name}\\* `, "m"));
    expect((await gantry("__complete", name, "vers")).stdout).toStartWith("version\t");
  });

  test("a plugin's own refusal is ours", async () => {
    const { code, stderr } = await gantry("compose", "nope");
    expect(code).not.toBe(0);
    expect(stderr).toContain("nope");
  });
});
