// T07: files that Bun reads by itself from the working directory change nothing.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Output } from "../support/command.ts";
import { builtProgram, projectRoot } from "../support/tools.ts";

let folder = "";
const sprung = (): boolean => existsSync(join(folder, "sprung"));
const main = join(projectRoot, "src/main.ts");
const env = { PATH: `${join(projectRoot, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` };
const inFolder = (...command: readonly string[]): Promise<Output> => run(command, { cwd: folder, env });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-hostile-"));
  const files = {
    ".env": "DOCKER_HOST=unix:///from-the-folder\n",
    "bunfig.toml": 'preload = ["./trap.ts"]\n[run]\npreload = ["./trap.ts"]\n',
    "package.json": '{"type":"module","imports":{"#cli":"./trap.ts","#base":"./trap.ts"}}',
    "tsconfig.json": '{"compilerOptions":{"paths":{"#cli":["./trap.ts"]}}}',
    "trap.ts": `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "sprung"))}, "");\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

test("the folder is a trap for a program that lets Bun read it", async () => {
  const { stderr } = await inFolder("bun", main, "--no-autostart", "ps");
  expect({ stderr, sprung: sprung() }).toMatchObject({ stderr: expect.stringContaining("unix:///from-the-folder"), sprung: true });
  rmSync(join(folder, "sprung"));
});

test.each([
  ["the compiled command line", [builtProgram("gantry")]],
  ["the command line from source", [main]],
])("%s ignores it", async (_, command) => {
  const version = await inFolder(...command, "--version");
  const failed = await inFolder(...command, "-H", "unix:///nowhere", "ps");
  const unset = await inFolder(...command, "--no-autostart", "-H", "", "ps");
  expect({ code: version.code, failed: failed.stderr, leaked: unset.stderr.includes("from-the-folder"), sprung: sprung() }).toEqual({
    code: 0,
    failed: "Cannot connect to the Gantry daemon at unix:///nowhere. Is the gantry daemon running?\n",
    leaked: false,
    sprung: false,
  });
});

test.each([
  ["the compiled daemon", [builtProgram("gantryd")]],
  ["the daemon from source", [main, "daemon"]],
])("%s ignores it", async (_, command) => {
  const { code } = await inFolder(...command, "--no-such-flag");
  expect({ failed: code !== 0, sprung: sprung() }).toEqual({ failed: true, sprung: false });
});
