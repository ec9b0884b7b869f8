// What `run` and `create` say about a process's surroundings, by what it sees; --init with a script of busybox's shell for an init.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { makePlace } from "../support/test-place.ts";

let daemon: TestDaemon;
let initPath = "";

setDefaultTimeout(20_000);

beforeAll(async () => {
  const place = makePlace();
  initPath = join(place.home, "init");
  daemon = await startDaemon({ place, config: { "init-path": initPath } });
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

/** stdout of a run that must succeed. */
async function see(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.gantry(["run", "--rm", "--network", "none", ...args]);
  if (code !== 0) throw new Error(`run ${args.join(" ")}: ${code} ${stderr}`);
  return stdout;
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await daemon.gantry(args);
  expect(code).not.toBe(0);
  return stderr;
}

function file(name: string, text: string): string {
  const path = join(daemon.place.home, name);
  writeFileSync(path, text);
  return path;
}

test("--init: the host's program is the first process, and is given the command; without one the start says so", async () => {
  const script = ["cat", "/proc/1/cmdline"];
  expect(await refusal("run", "--rm", "--init", "busybox", ...script)).toContain(
    `no init program for --init: init-path ${initPath} is no file`,
  );
  writeFileSync(initPath, '#!/bin/sh\nshift\n"$@" &\nwait $!\n');
  chmodSync(initPath, 0o755);
  expect((await see("--init", "busybox", ...script)).split("\0")).toEqual([
    "/bin/sh",
    "/sbin/docker-init",
    "--",
    "cat",
    "/proc/1/cmdline",
    "",
  ]);
  // In the host's processes there is one already.
  expect(await see("--init", "--pid", "host", "busybox", "sh", "-c", "test -e /sbin/docker-init || echo none")).toBe("none\n");
});

test("A21: what is said of a process is never read as lines of a file", async () => {
  const line = "x::0:0::/:/bin/sh";
  const seen = await see("-e", `HOME=/\n${line}`, "busybox", "sh", "-c", 'printf %s "$HOME"; cat /etc/passwd /etc/hosts /etc/hostname');
  expect(seen.split("\n").filter((text) => text === line).length).toBe(0);
  expect(seen).toStartWith(`/\n${line}root:`);
  for (const options of [
    ["--user", `0\n${line}`],
    ["--hostname", `a\n1.2.3.4 b`],
  ] as const) {
    const { code, stdout } = await daemon.gantry(["run", "--rm", ...options, "busybox", "cat", "/etc/passwd", "/etc/hosts"]);
    expect({ options, refused: code !== 0, written: stdout.includes("\nx::0") || stdout.includes("\n1.2.3.4 b") }).toEqual({
      options,
      refused: true,
      written: false,
    });
  }
});

test("files of variables and labels are read, and the flags win", async () => {
  const env = file("env", "\ufeffA=1\n# none\n  B=2\nGIVEN\n");
  const { stdout } = await daemon.gantry(["run", "--rm", "--network", "none", "--env-file", env, "-e", "B=3", "busybox", "env"], {
    env: { GIVEN: "ours" },
  });
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(["A=1", "B=3", "GIVEN=ours"]));
  await daemon.gantry(["create", "--name", "labelled", "--label-file", file("labels", "a=1\nb\n"), "-l", "a=2", "-l", "z=1", "busybox"]);
  expect((await daemon.gantry(["inspect", "-f", "{{json .Config.Labels}}", "labelled"])).stdout).toBe('{"a":"2","z":"1"}\n');
  expect(await refusal("create", "--label-file", file("wrong", "=x\n"), "busybox")).toContain("no variable name on line '=x'");
});

test("--cidfile has the id, and neither replaces a file nor leaves one of a create that failed", async () => {
  const path = join(daemon.place.home, "id");
  const { stdout } = await daemon.gantry(["create", "--cidfile", path, "busybox"]);
  expect(`${readFileSync(path, "utf8")}\n`).toBe(stdout);
  expect(await refusal("create", "--cidfile", path, "busybox")).toContain(
    `container ID file found, make sure the other container isn't running or delete ${path}`,
  );
  const other = join(daemon.place.home, "other");
  await refusal("create", "--cidfile", other, "--stop-signal", "NOPE", "busybox");
  expect(existsSync(other)).toBe(false);
});

test("--use-api-socket: the container reaches the daemon, and has the caller's logins", async () => {
  const folder = join(daemon.place.home, "logins");
  const auths = { "registry.test": { auth: Buffer.from("bob:secret").toString("base64") } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
  const script = "test -S /var/run/docker.sock && stat -c %a $DOCKER_CONFIG/config.json && cat $DOCKER_CONFIG/config.json";
  const command = ["run", "--rm", "--network", "none", "--use-api-socket", "busybox", "sh", "-c", script];
  const { stdout } = await daemon.gantry(command, { env: { DOCKER_CONFIG: folder } });
  expect(stdout).toBe(`600\n${JSON.stringify({ auths })}`);
  const without = await see("--use-api-socket", "busybox", "sh", "-c", 'test -S /var/run/docker.sock && echo "<$DOCKER_CONFIG>"');
  expect(without).toBe("<>\n");
});

test("flags that other daemons have are refused in Docker's words", async () => {
  expect(await refusal("create", "--cpu-count", "2", "--io-maxiops", "5", "busybox")).toBe(
    ["--cpu-count", "--io-maxiops"]
      .map((flag) => `"${flag}" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux\n`)
      .join(""),
  );
  expect(await refusal("create", "--log-driver", "none", "--log-opt", "max-size=1m", "busybox")).toContain(
    "invalid logging opts for driver none\n",
  );
  expect(await refusal("create", "--network-alias", "x", "busybox")).toContain(
    "network-scoped aliases are only supported for user-defined networks\n",
  );
  expect(await refusal("create", "--ip", "172.17.0.9", "busybox")).toContain(
    "user specified IP address is supported on user defined networks only\n",
  );
});
