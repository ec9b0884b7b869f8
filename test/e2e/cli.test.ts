// Our command line against our daemon, both the compiled executable.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { builtProgram } from "../support/tools.ts";

let daemon: TestDaemon;

setDefaultTimeout(20_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

const onTerminal = (...args: readonly string[]): Pty => openPty([builtProgram("gantry"), ...args], { DOCKER_HOST: daemon.host });

describe("gantry run", () => {
  test("keeps the streams apart and ends with the container's code", async () => {
    const { code, stdout, stderr } = await daemon.gantry(["run", "--rm", "busybox", "sh", "-c", "echo out; echo error >&2; exit 7"]);
    expect({ code, stdout, error: stderr.split("\n").includes("error") }).toEqual({ code: 7, stdout: "out\n", error: true });
  });

  test("hands stdin on and closes it", async () => {
    const stdin = "0123456789\n".repeat(100_000);
    const { code, stdout } = await daemon.gantry(["run", "-i", "--rm", "busybox", "wc", "-c"], { stdin });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${stdin.length}\n` });
  });

  test("prints the id with -d, and ps -q its first digits", async () => {
    const { stdout } = await daemon.gantry(["run", "-d", "--name", "detached", "busybox", "sleep", "600"]);
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await daemon.gantry(["ps", "-q", "--filter", "name=detached"])).stdout).toBe(`${stdout.slice(0, 12)}\n`);
    expect((await daemon.gantry(["rm", "-f", "detached"])).stdout).toBe("detached\n");
  });

  test.each([
    ["a command that is not there", ["busybox", "nocmd"], 127],
    ["a folder as the command", ["busybox", "/etc"], 126],
    ["an image that is not there", ["--pull", "never", "absent"], 125],
    ["a flag that is not there", ["--absent", "busybox"], 125],
    ["a flag that is not there yet", ["--mount", "x", "busybox"], 125],
  ])("ends with its own code for %s", async (_, args, expected) => {
    const { code, stdout, stderr } = await daemon.gantry(["run", "--rm", ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain("Run 'gantry run --help' for more information");
  });

  test("passes signals on", async () => {
    const script = "trap 'echo caught; exit 12' TERM; echo ready; while :; do sleep 0.05; done";
    await using screen = onTerminal("run", "--rm", "busybox", "sh", "-c", script);
    await screen.shows(/ready/);
    screen.type("\u0003");
    await using other = onTerminal("run", "--rm", "--name", "trapped", "busybox", "sh", "-c", script);
    await other.shows(/ready/);
    await daemon.gantry(["kill", "-s", "TERM", "trapped"]);
    expect(await other.exited).toBe(12);
    expect(await screen.exited).toBe(130);
  });

  test("gives the container a terminal of our size and follows it", async () => {
    await using screen = onTerminal("run", "--rm", "-it", "busybox", "sh");
    await screen.shows(/# /);
    screen.type("stty size\r");
    await screen.shows(/33 101\r\n/);
    screen.resize(90, 20);
    screen.type("until stty size | grep '20 90'; do :; done; exit 5\r");
    expect(await screen.exited).toBe(5);
  });

  test("goes on without us after the detach keys", async () => {
    await using screen = onTerminal("run", "-it", "--name", "left", "busybox", "sh");
    await screen.shows(/# /);
    screen.type("\u0010\u0011");
    expect(await screen.exited).toBe(0);
    await using again = onTerminal("attach", "--detach-keys", "ctrl-x", "left");
    await again.shows(/# /);
    again.type("exit 4\r");
    expect(await again.exited).toBe(4);
    await daemon.gantry(["rm", "left"]);
  });
});

describe("gantry exec", () => {
  test("takes code, environment, folder and stdin", async () => {
    await daemon.gantry(["run", "-d", "--name", "host", "busybox", "sleep", "600"]);
    const { code, stdout } = await daemon.gantry(
      ["exec", "-i", "-e", "A=1", "-w", "/tmp", "host", "sh", "-c", "cat; echo $A; pwd; exit 3"],
      {
        stdin: "in\n",
      },
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: "in\n1\n/tmp\n" });
    await daemon.gantry(["rm", "-f", "host"]);
  });
});

test("gantry reports what it is told of missing containers, one line each", async () => {
  const { code, stdout, stderr } = await daemon.gantry(["rm", "one", "two"]);
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: "",
    stderr: "Error response from daemon: No such container: one\nError response from daemon: No such container: two\n",
  });
});

test("gantry logs says which of its limits is no time", async () => {
  const limits = await Promise.all(["since", "until"].map((name) => daemon.gantry(["logs", `--${name}`, "noon", "any"])));
  expect(limits.map(({ stderr }) => stderr)).toEqual([
    'invalid value for "since": failed to parse value as time or duration: "noon"\n',
    'invalid value for "until": failed to parse value as time or duration: "noon"\n',
  ]);
});

test("gantry without a daemon says where it looked, under the name it was called by", async () => {
  const env = { DOCKER_HOST: "unix:///nowhere.sock" };
  expect((await daemon.gantry(["ps"], { env })).stderr).toBe(
    "Cannot connect to the Gantry daemon at unix:///nowhere.sock. Is the gantry daemon running?\n",
  );
  expect(await daemon.run([builtProgram("docker"), "run", "x"], { env })).toEqual({
    code: 125,
    stdout: "",
    stderr:
      "docker: Cannot connect to the Docker daemon at unix:///nowhere.sock. Is the docker daemon running?\n\nRun 'docker run --help' for more information\n",
  });
});

test("gantry leaves quietly when its reader does", async () => {
  const pipe = `"$0" run --rm busybox sh -c 'while :; do echo line; done' 2>/dev/null | head -n 1; echo "\${PIPESTATUS[0]}"`;
  expect((await daemon.run(["bash", "-c", pipe, builtProgram("gantry")])).stdout).toBe("line\n141\n");
});

describe("the settings of the user", () => {
  test("give variables, headers and detach keys", async () => {
    const folder = join(daemon.place.home, "settings");
    mkdirSync(folder);
    const proxies = { default: { httpProxy: "http://proxy:3128" } };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ proxies, detachKeys: "ctrl-x", HttpHeaders: { "X-Meta": "1" } }));
    const { stdout } = await daemon.gantry(["--config", folder, "run", "--rm", "-e", "A=1", "busybox", "env"]);
    expect(stdout.split("\n").filter((line) => /^(A|HTTP_PROXY|http_proxy)=/.test(line))).toEqual([
      "A=1",
      "HTTP_PROXY=http://proxy:3128",
      "http_proxy=http://proxy:3128",
    ]);
    await using screen = onTerminal("--config", folder, "run", "-it", "--rm", "busybox", "sh", "-c", "echo ready; cat");
    await screen.shows(/ready/);
    screen.type("\u0018");
    expect(await screen.exited).toBe(0);
  });

  test("choose the platform of an image that is there, and of one that is not", async () => {
    const env = { DOCKER_DEFAULT_PLATFORM: "linux/s390x" };
    const { code, stderr } = await daemon.gantry(["create", "--pull", "never", "busybox"], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("s390x");
    const chosen = await daemon.gantry(["create", "--platform", "linux/amd64", "--pull", "never", "--name", "chosen", "busybox"], { env });
    expect(chosen.code).toBe(0);
    await daemon.gantry(["rm", "chosen"]);
  });
});
