// Other people's clients, unmodified, at their ordinary work against a real daemon, which is killed and started under each of them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { dockerClient, outcomeOf } from "../support/clients.ts";
import { loadImage } from "../support/images.ts";
import { builtProgram, projectRoot } from "../support/tools.ts";
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

test("dockerode pulls, runs, attaches, execs, listens, and goes on after a restart", async () => {
  expect(await outcomeOf(daemon, "dockerode.mjs", { REGISTRY: registry.host })).toEqual({
    image: expect.stringMatching(/^Status: (Downloaded newer image|Image is up to date)$/),
    found: "linux",
    // With one stream to write to it asks for a terminal.
    run: { code: 3, output: "out\r\n" },
    attached: "said",
    exec: { code: 4, texts: ["input", "err\n"] },
    event: "dockerode",
    log: "up\n",
    stats: true,
    listed: [["/dockerode"]],
    networks: ["bridge", "host", "none"],
    missing: [404, "No such container: nobody"],
    kept: true,
    again: { code: 0, texts: ["again\n", ""] },
    waited: 137,
  });
}, 60_000);

test("docker-py pulls, loads, runs, attaches, execs, prunes, listens, and goes on after a restart", async () => {
  const archive = join(daemon.place.home, "busybox.tar");
  await Bun.write(archive, await busyboxArchive(join(projectRoot, ".cache")));
  expect(await outcomeOf(daemon, "docker-py.py", { REGISTRY: registry.host, ARCHIVE: archive })).toEqual({
    image: expect.arrayContaining([`${registry.host}/busybox:latest`]),
    run: "hello\n",
    failing: [3, "err\n"],
    exec: [4, ["out\n", "err\n"]],
    listed: ["docker-py"],
    logs: "up\n",
    missing: [404, "No such container: nobody"],
    attached: ["attached\n", true],
    event: "docker-py",
    stats: true,
    top: "sleep 60",
    tagged: ["again:v1"],
    loaded: ["busybox:latest"],
    networks: ["bridge", "host", "none"],
    version: "linux",
    kept: ["running", true, "again\n"],
    waited: [137],
  });
}, 60_000);

test("@docker/node-sdk pulls, runs, execs, lists, reads logs, and goes on after a restart", async () => {
  expect(await outcomeOf(daemon, "node-sdk.mjs", { REGISTRY: registry.host })).toEqual({
    pulled: "string",
    exec: ["out\n", "err\n"],
    code: 4,
    listed: [["/sdk"]],
    logs: ["up\n", ""],
    missing: true,
    kept: ["running", true, "again\n"],
    waited: 137,
  });
}, 60_000);

// Without withCopyContentToContainer(): PUT /containers/{id}/archive answers 501. And without its own clean-up container, which it would pull.
test("testcontainers copies into containers, waits for a line and a port, execs, and goes on after a restart", async () => {
  expect(await outcomeOf(daemon, "testcontainers.mjs", { TESTCONTAINERS_RYUK_DISABLED: "true" })).toEqual({
    exitCode: 4,
    stdout: "hello\n",
    stderr: "err\n",
    page: "page\n",
    port: true,
    kept: "page\n",
    again: "again\n",
    copied: "copied 640\n",
    log: "ready\n",
  });
}, 60_000);

test("VS Code's container client reads the same from our command line as from Docker's, and goes on after a restart", async () => {
  const ours = await outcomeOf(daemon, "vscode.mjs", { DOCKER: builtProgram("docker") });
  expect(ours).toEqual({
    versions: true,
    same: true,
    listed: ["code", "busybox", "running", "code"],
    inspected: ["/code", "running", "code", true],
    image: true,
    system: "linux",
    contexts: [["default", true]],
    networks: ["bridge", "host", "none"],
    subnet: 1,
    // It gives what it starts in the background a terminal.
    logs: "up\r\n",
    kept: ["running", true],
    events: true,
    removed: ["code"],
  });
  expect(await outcomeOf(daemon, "vscode.mjs", { DOCKER: dockerClient() })).toEqual(ours);
}, 60_000);

// An image that runs as root: for another user devcontainer builds one, which needs a builder.
for (const [whose, program] of [
  ["our command line", () => builtProgram("docker")],
  ["Docker's", dockerClient],
] as const) {
  test(`devcontainer up and exec with ${whose} make a container for a folder and find it after a restart`, async () => {
    const workspace = join(daemon.place.home, `workspace of ${whose.slice(0, 3)}`);
    expect(await outcomeOf(daemon, "devcontainers.mjs", { DOCKER: program(), WORKSPACE: workspace })).toEqual({
      outcome: "success",
      remoteWorkspaceFolder: `/workspaces/workspace of ${whose.slice(0, 3)}`,
      same: true,
      text: "made\n",
    });
  }, 60_000);
}
