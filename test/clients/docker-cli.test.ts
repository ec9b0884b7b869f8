// Docker's own command line, unmodified, at its ordinary work, with a restart of the daemon in the middle.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { dockerClient } from "../support/clients.ts";
import type { CommandOptions, Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";
import { projectRoot } from "../support/tools.ts";

const version = Bun.spawnSync([dockerClient(), "--version"]).stdout.toString().trim();

let daemon: TestDaemon;
let registry: EnclosedRegistry;

beforeAll(async () => {
  daemon = await startDaemon({ enclosed: true });
  if (daemon.enclosure === undefined) throw new Error("the daemon has no enclosure");
  registry = await startEnclosedRegistry(daemon.enclosure);
}, 60_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

const run = (args: readonly string[], options?: CommandOptions): Promise<Output> => daemon.run([dockerClient(), ...args], options);

async function said(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args);
  if (code !== 0) throw new Error(`docker ${args.join(" ")}: ${code} ${stderr}`);
  return stdout.trim();
}

test(`${version}: images are loaded, pulled, tagged, listed and removed`, async () => {
  const loaded = await run(["load"], { stdin: await busyboxArchive(join(projectRoot, ".cache")) });
  expect(loaded).toMatchObject({ code: 0, stdout: "Loaded image: busybox:latest\n" });
  expect(await said("pull", "-q", `${registry.host}/busybox`)).toBe(`${registry.host}/busybox:latest`);
  await said("tag", "busybox", "other:v1");
  expect((await said("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n").toSorted()).toEqual(
    [`${registry.host}/busybox:latest`, "busybox:latest", "other:v1"].toSorted(),
  );
  expect(await said("rmi", "other:v1")).toStartWith("Untagged: other:v1");
  expect(await said("image", "inspect", "busybox", "--format", "{{.Os}}")).toBe("linux");
}, 30_000);

test(`${version}: containers are run, looked at and used, and again after kill -9 of the daemon`, async () => {
  expect(await run(["run", "--rm", "-i", "busybox", "cat"], { stdin: "said" })).toMatchObject({ code: 0, stdout: "said" });
  expect(await run(["run", "--rm", "busybox", "sh", "-c", "echo err >&2; exit 3"])).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/(?:^|\n)err\n$/),
  });
  const script = "echo up; trap 'echo down; exit 5' TERM; while :; do sleep 0.1; done";
  const id = await said("run", "-d", "--name", "cli", "-p", "80", "-l", "by=cli", "busybox", "sh", "-c", script);
  const port = await said("port", "cli", "80");
  expect(port).toMatch(/^0\.0\.0\.0:(\d+)\n\[::\]:\1$/);
  expect(await said("ps", "-q", "--no-trunc", "--filter", "label=by=cli")).toBe(id);
  expect(await said("top", "cli", "-o", "pid,comm")).toContain("sh");
  expect(await said("stats", "--no-stream", "--format", "{{.Name}}", "cli")).toBe("cli");
  expect(await said("network", "inspect", "bridge", "--format", "{{range .Containers}}{{.Name}}{{end}}")).toBe("cli");
  expect(await said("info", "--format", "{{.OSType}} {{.ContainersRunning}}")).toBe("linux 1");
  await said("pause", "cli");
  await said("unpause", "cli");
  const state = await said("inspect", "cli", "--format", "{{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}");
  await daemon.kill();
  await daemon.start();
  expect(await said("inspect", "cli", "--format", "{{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}")).toBe(state);
  expect(await said("port", "cli", "80")).toBe(port);
  expect(await said("exec", "cli", "echo", "again")).toBe("again");
  const following = run(["logs", "-f", "cli"]);
  const waiting = said("wait", "cli");
  await said("stop", "cli");
  expect(await waiting).toBe("5");
  expect((await following).stdout).toBe("up\ndown\n");
  // Not "0s", which the client cuts to whole seconds.
  const now = (Date.now() / 1000).toFixed(3);
  const events = await said("events", "--since", "1", "--until", now, "--filter", "container=cli", "--format", "{{.Action}}");
  expect(events.split("\n").filter((action) => !action.startsWith("exec_"))).toEqual([
    "create",
    "start",
    "top",
    "pause",
    "unpause",
    "kill",
    "die",
    "stop",
  ]);
  expect(await said("container", "prune", "-f")).toContain(id);
}, 60_000);
