// Plugins of the command line: small shell programs that say of themselves what plugins say, and show how they were called.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Output } from "../support/command.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const metadata = (more: object = {}): string =>
  `[ "$1" != docker-cli-plugin-metadata ] || { echo '${JSON.stringify({ SchemaVersion: "0.1.0", Vendor: "V", ...more })}'; exit; }`;

let folder = "";
let extra = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-plugins-"));
  extra = join(folder, "extra");
  mkdirSync(join(folder, "cli-plugins"));
  mkdirSync(extra);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ cliPluginsExtraDirs: [extra], aliases: { builder: "maker" } }));
  const show = 'printf "%s\\n" "$@"; env | grep -E "^(DOCKER_(HOST|CLI_PLUGIN_ORIGINAL_CLI_COMMAND)|BUILDX_BUILDER)=." | sort';
  const programs: Readonly<Record<string, string>> = {
    "cli-plugins/docker-shown": `${metadata({ ShortDescription: "Shows its call", Version: "v1" })}\n${show}; cat; exit 7`,
    "cli-plugins/docker-waits": `${metadata()}\ntrap 'echo ended; exit 9' TERM; echo ready; while :; do sleep 0.05; done`,
    "cli-plugins/docker-dies": `${metadata()}\nkill -KILL $$`,
    "cli-plugins/docker-fails": "exit 3",
    "cli-plugins/docker-mumbles": "echo nope",
    "cli-plugins/docker-oldish": `echo '{"SchemaVersion":"0.2.0","Vendor":"v"}'`,
    "cli-plugins/docker-nobodys": `echo '{"SchemaVersion":"0.1.0"}'`,
    "cli-plugins/docker-ps": metadata(),
    "cli-plugins/docker-x_y": metadata(),
    "extra/docker-maker": `${metadata({ ShortDescription: "Makes" })}\n${show}`,
    "extra/docker-covert": metadata({ Hidden: true }),
  };
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  writeFileSync(join(folder, "cli-plugins/docker-unready"), "x");
  chmodSync(join(folder, "cli-plugins/docker-unready"), 0o644);
  mkdirSync(join(folder, "cli-plugins/docker-folder"));
  symlinkSync("/absent", join(folder, "cli-plugins/docker-dangling"));
  // The first folder wins.
  writeFileSync(join(extra, "docker-twice"), `#!/bin/sh\n${metadata()}\necho first\n`, { mode: 0o755 });
  writeFileSync(join(folder, "cli-plugins/docker-twice"), `#!/bin/sh\n${metadata()}\necho second\n`, { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true }));

const env = (): Readonly<Record<string, string>> => ({
  DOCKER_CONFIG: folder,
  DOCKER_HOST: "",
  DOCKER_CONTEXT: "",
  BUILDX_BUILDER: "",
  COLUMNS: "80",
});
const gantry = (args: readonly string[], more: { stdin?: string; env?: Readonly<Record<string, string>> } = {}): Promise<Output> =>
  run([builtProgram("gantry"), ...args], { ...more, env: { ...env(), ...more.env } });

describe("a plugin", () => {
  test("gets the whole line, our streams and the daemon, and its exit code is ours", async () => {
    const { code, stdout, stderr } = await gantry(["-D", "shown", "a", "-b", "--help"], { stdin: "typed\n" });
    const original = `DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=${builtProgram("gantry")}`;
    expect({ code, stdout: stdout.split("\n"), stderr }).toEqual({
      code: 7,
      stdout: ["-D", "shown", "a", "-b", "--help", original, "DOCKER_HOST=unix:///run/gantry/gantry.sock", "typed", ""],
      stderr: "",
    });
  });

  test("is not told of our daemon where another one was chosen", async () => {
    const { stdout } = await gantry(["-H", "unix:///x", "shown"], { stdin: "" });
    expect(stdout).not.toContain("DOCKER_HOST=unix:///run");
    expect((await gantry(["shown"], { stdin: "", env: { DOCKER_HOST: "tcp://there" } })).stdout).toContain("DOCKER_HOST=tcp://there\n");
  });

  test("of a folder in the settings comes before one in our own", async () => {
    expect((await gantry(["twice"])).stdout).toBe("first\n");
  });

  test("gets our signals, and its own end by one is told", async () => {
    const child = Bun.spawn([builtProgram("gantry"), "waits"], { env: { ...process.env, ...env() }, stdout: "pipe" });
    let shown = "";
    const reading = (async (): Promise<void> => {
      for await (const piece of child.stdout) shown += new TextDecoder().decode(piece);
    })();
    await waitFor(() => shown.includes("ready"), { what: "plugin that runs" });
    child.kill("SIGTERM");
    expect(await child.exited).toBe(9);
    await reading;
    expect(shown).toBe("ready\nended\n");
    expect((await gantry(["dies"])).code).toBe(137);
  });

  test.each(["fails", "mumbles", "oldish", "nobodys", "unready", "folder", "dangling", "x_y", "Shown", "../shown"])(
    "called %s is none",
    async (name) => {
      const { code, stderr } = await gantry([name]);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `gantry: unknown command: gantry ${name}\n\nRun 'gantry --help' for more information\n`,
      });
    },
  );

  test("stands in the help with a star, and what looks like one with its reason", async () => {
    const { stdout } = await gantry(["--help"]);
    const ours = (line: string): boolean => /^ {2}(dies|maker|shown|twice|waits|covert|x_y)/.test(line);
    expect(stdout.split("\n").filter((line) => line.includes("*") && ours(line))).toEqual(
      ["  dies*", "  maker*      Makes", "  shown*      Shows its call", "  twice*", "  waits*"].concat(
        '  x_y         plugin candidate "x_y" did not match "^[a-z][a-z0-9]*$"',
      ),
    );
    const invalid = /Invalid Plugins:\n([\s\S]*?)\n\n/.exec(stdout)?.[1]?.replaceAll(folder, "<folder>").split("\n");
    expect(invalid).toEqual([
      "  dangling    failed to fetch metadata: fork/exec <folder>/cli-plugins/docker-dangling: no such file or directory",
      "  fails       failed to fetch metadata: exit status 3",
      "  mumbles     invalid metadata: invalid character 'o' in literal null (expecting 'u')",
      "  nobodys     plugin metadata does not define a vendor",
      '  oldish      plugin SchemaVersion "0.2.0" is not valid, must be 0.1.0',
      '  ps          plugin "ps" duplicates builtin command',
      "  unready     failed to fetch metadata: fork/exec <folder>/cli-plugins/docker-unready: permission denied",
      '  x_y         plugin candidate "x_y" did not match "^[a-z][a-z0-9]*$"',
    ]);
  });

  test.each([
    [
      ["build", "-t", "x", "."],
      ["maker", "build", "-t", "x", ".", "BUILDX_BUILDER=default"],
    ],
    [
      ["builder", "ls"],
      ["maker", "ls", "BUILDX_BUILDER=default"],
    ],
    [
      ["image", "build", "."],
      ["maker", "build", ".", "BUILDX_BUILDER=default"],
    ],
    [
      ["build", "--builder", "mine", "."],
      ["maker", "build", "--builder", "mine", "."],
    ],
    [
      ["-D", "build", "."],
      ["-D", "maker", "build", ".", "BUILDX_BUILDER=default"],
    ],
  ])("builds for %j", async (args, expected) => {
    const { stdout } = await gantry(args);
    expect(stdout.split("\n").filter((line) => line !== "" && !line.startsWith("DOCKER_"))).toEqual([
      ...expected.filter((word) => !word.startsWith("BUILDX")),
      ...expected.filter((word) => word.startsWith("BUILDX")),
    ]);
  });
});

test("gantry info names the plugins, and warns of what is none", async () => {
  const { stdout, stderr } = await gantry(["-H", "unix:///absent.sock", "info"]);
  expect(stdout).toContain(`  shown: Shows its call (V)\n    Version:  v1\n    Path:     ${folder}/cli-plugins/docker-shown\n`);
  expect(stderr).toContain(`WARNING: Plugin "${folder}/cli-plugins/docker-fails" is not valid: failed to fetch metadata: exit status 3\n`);
  const { stdout: json } = await gantry(["-H", "unix:///absent.sock", "info", "--format", "json"]);
  const { ClientInfo } = JSON.parse(json) as { readonly ClientInfo: { readonly Plugins: readonly object[] } };
  expect(ClientInfo.Plugins).toContainEqual({
    SchemaVersion: "0.1.0",
    Vendor: "V",
    Version: "v1",
    ShortDescription: "Shows its call",
    Name: "shown",
    Path: `${folder}/cli-plugins/docker-shown`,
  });
});

describe("a command that is not there yet", () => {
  const plain = (args: readonly string[]): Promise<Output> =>
    run([builtProgram("docker"), ...args], { env: { ...env(), DOCKER_CONFIG: bare, DOCKER_HOST: "unix:///absent.sock" } });
  let bare = "";

  beforeAll(() => {
    bare = join(folder, "bare");
    mkdirSync(bare);
    // Whatever builder this machine has, these settings do not find it.
    writeFileSync(join(bare, "config.json"), '{"aliases":{"builder":"absentmaker"}}');
  });

  test.each([
    ["swarm init", "swarm init"],
    ["swarm", "swarm"],
    ["service create --name web busybox sleep 1", "service create"],
    ["stack deploy -c x.yaml web", "stack deploy"],
    ["node ls", "node ls"],
    ["secret create web -", "secret create"],
    ["config ls", "config ls"],
    ["plugin ls", "plugin ls"],
    ["checkpoint create a b", "checkpoint create"],
    ["trust sign x:y", "trust sign"],
    ["build .", "build"],
    ["builder", "builder"],
  ])("%s is named in one line", async (line, path) => {
    const { code, stdout, stderr } = await plain(line.split(" "));
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: `docker: gantry does not have the command 'docker ${path}' yet\n`,
    });
  });

  test.each([
    [
      "swarm init --nope",
      125,
      "unknown flag: --nope\n\nUsage:  docker swarm init [OPTIONS]\n\nRun 'docker swarm init --help' for more information\n",
    ],
    [
      "service create",
      1,
      "docker: 'docker service create' requires at least 1 argument\n\nUsage:  docker service create [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nSee 'docker service create --help' for more information\n",
    ],
    [
      "secret create",
      1,
      "docker: 'docker secret create' requires at least 1 and at most 2 arguments\n\nUsage:  docker secret create [OPTIONS] SECRET [file|-]\n\nRun 'docker secret create --help' for more information\n",
    ],
    [
      "swarm nope",
      1,
      "docker: unknown command: docker swarm nope\n\nUsage:  docker swarm\n\nRun 'docker swarm --help' for more information\n",
    ],
  ])("%s is refused in Docker's words", async (line, expected, message) => {
    const { code, stderr } = await plain(line.split(" "));
    expect({ code, stderr }).toEqual({ code: expected, stderr: message });
  });

  const installed = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].some((parent) =>
    ["compose", "buildx"].some((name) => existsSync(`${parent}/docker/cli-plugins/docker-${name}`)),
  );

  test.skipIf(installed)("compose and buildx say that the plugin is missing too [skip: this machine has the plugins]", async () => {
    for (const name of ["compose", "buildx"]) {
      const { stderr } = await plain([name, "up"]);
      expect(stderr).toBe(`docker: gantry does not have the command 'docker ${name}' yet, and no plugin docker-${name} is installed\n`);
    }
  });
});
