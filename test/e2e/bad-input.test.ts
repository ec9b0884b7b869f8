// What a hostile or broken client sends to the real daemon: a status and a sentence that help, the same daemon behind it, nothing left.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { create, list, removeForced, startNew } from "../support/container-calls.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { dockerArchive, imageParts } from "../support/image-parts.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { startEnclosedRegistry } from "../support/starter-registry.ts";
import { storedItems, storeFaults } from "../support/store-check.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(30_000);

const held = new AsyncDisposableStack();
let settled: SettledDaemon;
let daemon: TestDaemon;
let pid: number;
let stored: string[];
let registryHost: string;

const large = imageParts({
  docker: true,
  layers: [[{ name: "large", content: crypto.getRandomValues(new Uint8Array(4_000_000)).toHex() }]],
});

beforeAll(async () => {
  const settle = async (young: TestDaemon): Promise<void> => {
    const { host } = held.use(
      await startEnclosedRegistry(young.enclosure ?? missing(), async (outer) => {
        for (const blob of [...large.layers, large.config]) await outer.pushBlob("large", blob);
        const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
        await outer.pushManifest("large", "latest", { mediaType, bytes: large.manifest });
      }),
    );
    registryHost = host;
    await (await young.request(`/images/create?fromImage=${host}/large&tag=latest`, { method: "POST" })).text();
    await (await young.request(`/images/${host}/large`, { method: "DELETE" })).text();
    // Following a log makes the one watch of files that the process keeps.
    const id = await startNew(young, { Cmd: ["true"] });
    await (await young.request(`/containers/${id}/logs?stdout=1&follow=1`)).bytes();
    await removeForced(young, id);
  };
  settled = held.use(await startSettledDaemon({ settle }));
  ({ daemon } = settled);
  pid = daemon.pid;
  stored = storedItems(daemon);
}, 60_000);

afterEach(async () => {
  const left = await list(daemon, true);
  for (const id of left) await removeForced(daemon, id);
  expect(await settled.leaks()).toEqual([]);
  expect({ pid: daemon.pid, ping: (await daemon.request("/_ping")).status }).toEqual({ pid, ping: 200 });
  expect({ containers: left, faults: await storeFaults(daemon), stored: storedItems(daemon) }).toEqual({
    containers: [],
    faults: [],
    stored,
  });
  expect(daemon.log.split("\n").filter((line) => /"level":"error"/.test(line))).toEqual([]);
});
afterAll(() => held.disposeAsync(), 60_000);

function missing(): never {
  throw new Error("the daemon has an enclosure");
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function send(method: string, path: string, body?: unknown): Promise<Reply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await daemon.request(path, {
    method,
    ...(body !== undefined && { body: text, headers: { "content-type": "application/json" } }),
  });
  return { status: reply.status, text: await reply.text() };
}

/** A connection that says what it is told and can be cut at any instant. */
async function open(head: string): Promise<Socket> {
  const socket = connect(daemon.place.socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  socket.write(head);
  return socket;
}

describe("create refuses", () => {
  test.each([
    ["JSON that ends early", '{"Image":"busybox"', 400, "unexpected EOF"],
    ["JSON that is none", "Image=busybox", 400, "invalid"],
    ["a number where a list stands", { Image: "busybox", Env: 7 }, 400, "Env"],
    ["an object where a text stands", { Image: {} }, 400, "Image"],
    ["a text where an object stands", { Image: "busybox", HostConfig: "x" }, 400, "HostConfig"],
    ["a fraction of a byte", { Image: "busybox", HostConfig: { Memory: 1.5 } }, 400, "Memory"],
    ["an image that is not there", { Image: "absent" }, 404, "No such image: absent:latest"],
    ["an image with a control character", { Image: "bus\u0007ybox" }, 400, "invalid reference format"],
    ["a port that is none", { Image: "busybox", HostConfig: { PortBindings: { "99999/tcp": [{ HostPort: "1" }] } } }, 400, "99999"],
    [
      "an address that is none",
      { Image: "busybox", HostConfig: { PortBindings: { "9/tcp": [{ HostIp: "1.2.3", HostPort: "1" }] } } },
      400,
      "1.2.3",
    ],
    ["a bind that is relative", { Image: "busybox", HostConfig: { Binds: ["..:/x"] } }, 400, ".."],
    ["less memory than a process needs", { Image: "busybox", HostConfig: { Memory: 1024 } }, 400, "Minimum memory limit allowed is 6MB"],
    ["a capability that is none", { Image: "busybox", HostConfig: { CapAdd: ["FLY"] } }, 400, "FLY"],
    ["a signal that is none", { Image: "busybox", StopSignal: "SIGNOTHING" }, 400, "SIGNOTHING"],
  ])("%s", async (_, body, status, words) => {
    const reply = await send("POST", "/containers/create", body);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(words)]);
  });

  test("10 MB of body", async () => {
    const reply = await send("POST", "/containers/create", { Image: "busybox", Labels: { long: "x".repeat(10_000_000) } });
    expect([reply.status, reply.text]).toEqual([413, expect.stringContaining("request body is larger than 4194304 bytes")]);
  });

  test.each(["\u0000", "a\u0007", "a\nb", "a b", "ä", "../x", "a/b", "a", "\u001b[31mred"])("the name %j", async (name) => {
    const reply = await send("POST", `/containers/create?name=${encodeURIComponent(name)}`, { Image: "busybox" });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("Invalid container name")]);
  });
});

test("an id that two containers share is refused by every verb, and neither is touched", async () => {
  const ids = await Promise.all(Array.from({ length: 17 }, () => create(daemon, {})));
  const shared = ids.map((id) => id.slice(0, 1)).find((first, at, all) => all.indexOf(first) !== at) ?? "";
  for (const [method, path] of [
    ["GET", "json"],
    ["POST", "start"],
    ["POST", "stop"],
    ["POST", "kill"],
    ["GET", "logs?stdout=1"],
  ] as const) {
    const reply = await send(method, `/containers/${shared}/${path}`);
    expect([path, reply.status, reply.text]).toEqual([
      path,
      400,
      expect.stringContaining(`multiple IDs found with provided prefix: ${shared}`),
    ]);
  }
  expect((await send("DELETE", `/containers/${shared}?force=1`)).status).toBe(400);
  expect((await list(daemon, true)).toSorted()).toEqual(ids.toSorted());
  for (const id of ids) await removeForced(daemon, id);
});

describe.each(["docker", "gantry"] as const)("%s run", (client) => {
  test.each([
    ["a command that does not exist", ["busybox", "nocmd"], 127, 'exec: "nocmd": executable file not found in $PATH'],
    ["a path that does not exist", ["busybox", "/no/cmd"], 127, 'exec: "/no/cmd": stat /no/cmd: no such file or directory'],
    ["a command that cannot run", ["busybox", "/etc/passwd"], 126, 'exec: "/etc/passwd": permission denied'],
    ["a folder", ["busybox", "/etc"], 126, "/etc"],
    [
      "a user that is not there",
      ["-u", "nobody-here", "busybox", "true"],
      125,
      "unable to find user nobody-here: no matching entries in passwd file",
    ],
  ])("of %s", async (_, args, code, words) => {
    const output = await daemon[client](["run", "--rm", ...args]);
    expect([output.code, output.stdout, output.stderr]).toEqual([code, "", expect.stringContaining(words)]);
  });
});

describe("a connection that is cut", () => {
  test("in the middle of a load leaves nothing", async () => {
    const archive = dockerArchive(large, ["large:latest"]);
    for (const part of [0.001, 0.3, 0.7, 0.999]) {
      const head = `POST /images/load HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\nContent-Length: ${archive.length}\r\n\r\n`;
      const socket = await open(head);
      await new Promise<void>((resolve) => void socket.write(archive.subarray(0, Math.round(archive.length * part)), () => resolve()));
      socket.destroy();
    }
  });

  test("in the middle of a pull leaves nothing, and the image can be pulled", async () => {
    for (const wait of ["HTTP/1.1 200", "Pulling fs layer", "Download complete"]) {
      const socket = await open(
        `POST /images/create?fromImage=${registryHost}/large&tag=latest HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n`,
      );
      let shown = "";
      socket.on("data", (bytes) => void (shown += bytes.toString()));
      await waitFor(() => shown.includes(wait), { what: wait });
      socket.destroy();
    }
    await waitFor(async () => (await daemon.request(`/images/${registryHost}/large/json`)).status === 404 || "pulled all the same", {
      what: "answer",
    });
    const pulled = await send("POST", `/images/create?fromImage=${registryHost}/large&tag=latest`);
    expect(pulled.text).toContain("Status: ");
    expect((await send("DELETE", `/images/${registryHost}/large`)).status).toBe(200);
  });

  test("in the middle of attach, logs, wait and events leaves the container as it was", async () => {
    const id = await startNew(daemon, { Cmd: ["sh", "-c", "while :; do echo line; sleep 0.01; done"] });
    const upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n";
    for (let round = 0; round < 10; round += 1) {
      for (const line of [
        `POST /containers/${id}/attach?stream=1&stdout=1&stdin=1 HTTP/1.1\r\nHost: docker\r\n${upgrade}`,
        `GET /containers/${id}/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: docker\r\n`,
        `POST /containers/${id}/wait HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n`,
        "GET /events HTTP/1.1\r\nHost: docker\r\n",
      ]) {
        const socket = await open(`${line}\r\n`);
        await new Promise<void>((resolve) => void socket.once("data", () => resolve()));
        socket.destroy();
      }
    }
    const state = JSON.parse((await send("GET", `/containers/${id}/json`)).text) as { readonly State: { readonly Running: boolean } };
    expect(state.State.Running).toBe(true);
    await removeForced(daemon, id);
  });
});

describe("load refuses", () => {
  const archive = dockerArchive(large, ["large:latest"]);
  test.each([
    ["an empty body", new Uint8Array(0)],
    ["noise", crypto.getRandomValues(new Uint8Array(60_000))],
    ["an archive that is cut", archive.slice(0, archive.length / 2)],
    ["an archive with a flipped bit", archive.map((byte, at) => (at === 5_000 ? byte ^ 1 : byte))],
  ])("%s", async (_, body) => {
    const reply = await daemon.request("/images/load", {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "content-type": "application/x-tar" },
    });
    const text = await reply.text();
    expect([reply.status < 500, /"(message|error)":"[^"]+"/.test(text)]).toEqual([true, true]);
  });
});

// The 500 is Docker's own.
describe("unknown things", () => {
  test.each([
    ["GET", "/containers/absent/json", 404, "No such container: absent"],
    ["POST", "/containers/absent/start", 404, "No such container: absent"],
    ["DELETE", "/containers/absent", 404, "No such container: absent"],
    ["GET", "/images/absent/json", 404, "No such image: absent:latest"],
    ["DELETE", "/images/absent", 404, "No such image: absent:latest"],
    ["GET", "/exec/absent/json", 404, "No such exec instance: absent"],
    ["GET", "/nowhere", 404, "page not found"],
    ["GET", "/v9.99/info", 400, "client version 9.99 is too new"],
    ["GET", "/v0.1/info", 400, "client version 0.1 is too old"],
    ["GET", "/containers/json?filters=nothing", 400, "invalid"],
    ["GET", "/containers/json?limit=many", 500, 'strconv.Atoi: parsing \\"many\\": invalid syntax'],
    ["POST", "/containers/absent/kill?signal=SIGNOTHING", 400, "cannot kill container: absent: invalid signal: SIGNOTHING"],
  ])("%s %s is %d", async (method, path, status, words) => {
    const reply = await send(method, path);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(words)]);
  });
});
