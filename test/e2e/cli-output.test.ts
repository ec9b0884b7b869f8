// --format, widths and colours of our command line against our daemon, both the compiled executable.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { openPty } from "../support/pty.ts";
import { builtProgram } from "../support/tools.ts";

let daemon: TestDaemon;
const name = "a-container-whose-name-is-much-too-long-for-a-terminal";

setDefaultTimeout(20_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  await daemon.gantry(["create", "--name", name, "-l", "a=b", "-e", "A=1", "busybox", "echo", "one", "two", "three", "four"]);
}, 60_000);

afterAll(async () => {
  await daemon.gantry(["rm", name]);
  await daemon[Symbol.asyncDispose]();
}, 60_000);

/** What a command shows on a terminal of 101 columns, line by line. */
async function onTerminal(
  program: "gantry" | "docker",
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  await using screen = openPty([builtProgram(program), ...args], {
    DOCKER_HOST: daemon.host,
    DOCKER_CONFIG: join(daemon.place.home, "client"),
    ...env,
  });
  await screen.exited;
  return screen.text().trimEnd().split("\r\n");
}

describe("ps on a terminal", () => {
  test("is cut to its width, and has the status in colour", async () => {
    const lines = await onTerminal("gantry", ["ps", "-a"]);
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => Bun.stringWidth(line) <= 101)).toBe(true);
    expect(lines[1]).toContain("\u001b[2mCreated\u001b[0m");
    expect(lines[1]).toContain("…");
  });

  test("has no colours with NO_COLOR, and nothing is cut with --no-trunc", async () => {
    const lines = await onTerminal("gantry", ["ps", "-a", "--no-trunc"], { NO_COLOR: "1" });
    expect(lines.join("\n")).not.toContain("\u001b");
    expect(lines.join("")).toContain(name);
  });

  test("is as on a pipe when it is called docker", async () => {
    const piped = await daemon.run([builtProgram("docker"), "ps", "-a", "--format", "table {{.ID}}\t{{.Names}}\t{{.Command}}\t{{.Image}}"]);
    const shown = await onTerminal("docker", ["ps", "-a", "--format", "table {{.ID}}\t{{.Names}}\t{{.Command}}\t{{.Image}}"]);
    expect(shown).toEqual(piped.stdout.trimEnd().split("\n"));
  });
});

test("ps on a pipe has neither cuts nor colours", async () => {
  const { stdout } = await daemon.gantry(["ps", "-a"]);
  expect(stdout).toContain(name);
  expect(stdout).not.toContain("\u001b");
});

test("psFormat and imagesFormat of the settings count, until --format or --quiet is given", async () => {
  const folder = join(daemon.place.home, "formats");
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ psFormat: "p {{.Names}}", imagesFormat: "i {{.Repository}}" }));
  const say = async (...args: readonly string[]): Promise<string> => (await daemon.gantry(["--config", folder, ...args])).stdout;
  expect(await say("ps", "-a")).toBe(`p ${name}\n`);
  expect(await say("images")).toBe("i busybox\n");
  expect(await say("ps", "-a", "--format", "{{.Names}}")).toBe(`${name}\n`);
  expect(await say("ps", "-aq")).toMatch(/^[0-9a-f]{12}\n$/);
  expect(await say("images", "-q")).toMatch(/^[0-9a-f]{12}\n$/);
});

test.each([
  [["inspect", "-f", '{{.Name}} {{index .Config.Labels "a"}} {{.Config.Cmd}}', name], `/${name} b [echo one two three four]\n`, "", 0],
  [["inspect", "-f", "{{.Id}}", "nope"], "\n", "Error: No such object: nope\n", 1],
  [["inspect", "-f", "{{.Id", name], "", "template parsing error: template: :1: unclosed action\n", 64],
  [["image", "inspect", "-f", "{{.RepoTags}} {{.Os}}", "busybox"], "[busybox:latest] linux\n", "", 0],
  [["version", "-f", "{{.Server.Os}} {{.Client.Context}}"], "linux default\n", "", 0],
  [["info", "-f", "{{.OSType}} {{.Swarm.LocalNodeState}} {{.Containers}}"], "linux inactive 1\n", "", 0],
  [["events", "--since", "1s", "--until", "0s", "--format", "{{.Nope}}"], "", "can't evaluate field Nope in type *events.Message\n", 64],
  [["ps", "-a", "--format", "{{.Nope}}"], "", "can't evaluate field Nope in type *formatter.ContainerContext\n", 1],
  [
    ["ps", "-aq", "--format", "json"],
    /^[0-9a-f]{12}\n$/,
    "WARNING: Ignoring custom format, because both --format and --quiet are set.\n",
    0,
  ],
])("%j prints %j, %j and ends with %d", async (args, stdout, error, code) => {
  const printed = await daemon.gantry(args);
  expect({ ...printed, stderr: printed.stderr.slice(-error.length) }).toEqual({
    code,
    stdout: stdout instanceof RegExp ? expect.stringMatching(stdout) : stdout,
    stderr: error,
  });
});

test("an event is shown by a template as it comes", async () => {
  const { stdout } = await daemon.gantry([
    "events",
    "--since",
    "1h",
    // To the millisecond: what is said relative to now ends with the last whole second.
    "--until",
    (Date.now() / 1000).toFixed(3),
    "--filter",
    "event=create",
    "--format",
    "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}",
  ]);
  expect(stdout).toBe(`container create ${name}\n`);
});
