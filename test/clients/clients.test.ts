// Other people's clients, unmodified, at their ordinary work against a real daemon.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { clientProgram } from "../support/clients.ts";
import { loadImage } from "../support/images.ts";
import { builtProgram, stockClient } from "../support/tools.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";

let daemon: TestDaemon;
let registry: EnclosedRegistry;

beforeAll(async () => {
  daemon = await startDaemon({ enclosed: true });
  if (daemon.enclosure === undefined) throw new Error("the daemon has no enclosure");
  registry = await startEnclosedRegistry(daemon.enclosure);
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

const quiet = {
  // Without its own clean-up container, which it would pull; and within a container it would ask a network for our address.
  TESTCONTAINERS_RYUK_DISABLED: "true",
  TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
};

async function outcomeOf(name: string, surroundings: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { command, env } = clientProgram(name);
  const { code, stdout, stderr } = await daemon.run(command, {
    env: { ...env, ...quiet, ...surroundings, REGISTRY: registry.host },
    patience: 50_000,
  });
  return code === 0 ? (JSON.parse(stdout) as unknown) : { code, stdout, stderr };
}

test("dockerode pulls, runs, execs, lists and reads logs", async () => {
  expect(await outcomeOf("dockerode.mjs")).toEqual({
    image: expect.stringMatching(/^Status: (Downloaded newer image|Image is up to date)$/),
    // With one stream to write to it asks for a terminal.
    run: { code: 3, output: "out\r\n" },
    exec: { code: 4, texts: ["input", "err\n"] },
    listed: [["/dockerode"]],
    logs: "up\n",
    missing: [404, "No such container: nobody"],
  });
}, 30_000);

test("docker-py pulls, runs, execs, lists and reads logs", async () => {
  expect(await outcomeOf("docker-py.py")).toEqual({
    image: expect.arrayContaining([`${registry.host}/busybox:latest`]),
    run: "hello\n",
    failing: [3, "err\n"],
    exec: [4, ["out\n", "err\n"]],
    listed: ["docker-py"],
    logs: "up\n",
    missing: [404, "No such container: nobody"],
    waited: 137,
  });
}, 30_000);

test("@docker/node-sdk pulls, runs, execs, lists and reads logs", async () => {
  expect(await outcomeOf("node-sdk.mjs")).toEqual({
    pulled: "string",
    exec: ["out\n", "err\n"],
    code: 4,
    listed: [["/sdk"]],
    logs: ["up\n", ""],
    missing: true,
    waited: 137,
  });
}, 30_000);

test("testcontainers starts, waits for a line, execs, restarts and stops", async () => {
  expect(await outcomeOf("testcontainers.mjs")).toEqual({ exitCode: 4, stdout: "hello\n", stderr: "err\n", again: "again\n" });
}, 30_000);

test("VS Code's container client reads the same from our command line as from Docker's", async () => {
  const ours = await outcomeOf("vscode.mjs", { DOCKER: builtProgram("docker") });
  expect(ours).toEqual({
    versions: true,
    same: true,
    listed: ["code", "busybox", "running", "code"],
    inspected: ["/code", "running", "code", true],
    image: true,
    removed: ["code"],
  });
  expect(await outcomeOf("vscode.mjs", { DOCKER: stockClient() })).toEqual(ours);
}, 30_000);

test("devcontainer makes a container for a folder, finds it again and runs a program in it", async () => {
  const workspace = join(daemon.place.home, "workspace");
  // With Docker's own command line: ours has no --mount yet.
  expect(await outcomeOf("devcontainers.mjs", { DOCKER: stockClient(), WORKSPACE: workspace })).toEqual({
    outcome: "success",
    remoteWorkspaceFolder: "/workspaces/workspace",
    same: true,
    text: "made\n",
  });
}, 60_000);
