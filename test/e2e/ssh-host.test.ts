// ssh:// hosts: a program called ssh, which writes down how it was called and runs the command here, stands for the way to another machine.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type CommandOptions, type Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { builtProgram, stockClient } from "../support/tools.ts";

const ssh = `#!/bin/sh
printf '%s\\n' "$@" > "$SSH_LOG"
while [ "$1" != -- ]; do shift; done
[ "$2" != closed ] || { echo "ssh: connect to host closed: Connection refused" >&2; exit 255; }
shift 2
unset DOCKER_HOST
exec sh -c "$*"
`;

let daemon: TestDaemon;
let folder = "";

setDefaultTimeout(20_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gantry-ssh-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/ssh"), ssh, { mode: 0o755 });
  symlinkSync(builtProgram("docker"), join(folder, "bin/docker"));
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}, 60_000);

/** A client that finds our ssh, and behind it our docker. */
function throughSsh(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Output> {
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    SSH_LOG: join(folder, "log"),
    DOCKER_CONFIG: join(folder, "config"),
    DOCKER_HOST: "",
  };
  return run([program, ...args], { ...options, env: { ...env, ...options.env } });
}

const host = (name = "there"): string => `ssh://someone@${name}:2222${daemon.place.socket}`;
const ours = (args: readonly string[], options: CommandOptions = {}): Promise<Output> =>
  throughSsh(builtProgram("docker"), ["-H", host(), ...args], options);

describe("an ssh:// host", () => {
  test("is reached with the arguments that Docker's client gives to ssh", async () => {
    // Docker's client gives "-o ConnectTimeout=30" as one argument.
    const given = async (program: string): Promise<readonly string[]> => {
      expect(await throughSsh(program, ["-H", host(), "ps", "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
      return readFileSync(join(folder, "log"), "utf8").split(/\s/);
    };
    expect(await given(builtProgram("docker"))).toEqual([...(await given(stockClient()))]);
  });

  test("carries a command's input, its end, both outputs and the exit code", async () => {
    const stdin = "0123456789\n".repeat(100_000);
    const { code, stdout, stderr } = await ours(["run", "-i", "--rm", "busybox", "sh", "-c", "wc -c; echo error >&2; exit 7"], { stdin });
    expect({ code, stdout, error: stderr.split("\n").includes("error") }).toEqual({ code: 7, stdout: `${stdin.length}\n`, error: true });
  });

  test("is what a context may name", async () => {
    const create = ["context", "create", "afar", "--docker", `host=${host()}`];
    expect((await throughSsh(builtProgram("docker"), create)).code).toBe(0);
    const { code, stdout } = await throughSsh(builtProgram("docker"), ["-c", "afar", "run", "--rm", "busybox", "echo", "hello"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
  });

  test("serves Docker's own client through our dial-stdio", async () => {
    const { code, stdout } = await throughSsh(stockClient(), ["-H", host(), "run", "-i", "--rm", "busybox", "cat"], { stdin: "through\n" });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "through\n" });
  });

  test("that is closed is told with ssh's own words", async () => {
    const { code, stderr } = await throughSsh(builtProgram("docker"), ["-H", host("closed"), "ps"]);
    expect(code).toBe(1);
    expect(stderr).toContain("has exited with exit status 255, make sure the URL is valid");
    expect(stderr).toContain("stderr=ssh: connect to host closed: Connection refused");
  });
});

describe("gantry system dial-stdio", () => {
  test("passes bytes both ways, and goes on reading after our end", async () => {
    const request = "GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
    const { code, stdout } = await daemon.gantry(["system", "dial-stdio"], { stdin: request });
    expect(code).toBe(0);
    expect(stdout).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(stdout).toEndWith("OK");
  });

  test("says that there is no daemon", async () => {
    const { code, stderr } = await run([builtProgram("docker"), "-H", "unix:///absent.sock", "system", "dial-stdio"], { stdin: "" });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "Cannot connect to the Docker daemon at unix:///absent.sock. Is the docker daemon running?\n",
    });
  });
});
