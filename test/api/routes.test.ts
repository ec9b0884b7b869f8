import { describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

async function create(api: MemoryApi, name: string, body: object): Promise<string> {
  const reply = await api.request("POST", `/v1.51/containers/create?name=${name}`, { Image: "busybox", ...body });
  expect(reply.status).toBe(201);
  return (reply.json() as { Id: string }).Id;
}

describe("every reply", () => {
  test("says who answers", async () => {
    await using api = await openMemoryApi();
    const { headers, text } = await api.request("GET", "/_ping");
    expect(text).toBe("OK");
    expect(
      Object.fromEntries(
        ["api-version", "docker-experimental", "ostype", "server", "builder-version", "swarm"].map((name) => [name, headers.get(name)]),
      ),
    ).toEqual({
      "api-version": "1.51",
      "docker-experimental": "false",
      ostype: "linux",
      server: "Docker/28.5.2 (linux)",
      "builder-version": "1",
      swarm: "inactive",
    });
    const head = await api.request("HEAD", "/_ping");
    expect([head.status, head.text, head.headers.get("content-length")]).toEqual([200, "", "0"]);
  });

  test("that finds no route says nothing of the engine", async () => {
    await using api = await openMemoryApi();
    for (const [method, path] of [
      ["GET", "/foo"],
      ["PUT", "/version"],
      ["POST", "/grpc"],
      ["POST", "/session"],
      ["GET", "/v1.60/foo"],
    ] as const) {
      const reply = await api.request(method, path);
      expect([reply.status, reply.text, reply.headers.get("api-version")]).toEqual([404, '{"message":"page not found"}\n', null]);
    }
  });

  test("to a version that is not spoken is 400, as text to the oldest", async () => {
    await using api = await openMemoryApi();
    const newer = await api.request("GET", "/v1.52/version");
    expect([newer.status, newer.json()]).toEqual([
      400,
      { message: "client version 1.52 is too new. Maximum supported API version is 1.51" },
    ]);
    const older = await api.request("GET", "/v1.23/version");
    expect([older.status, older.headers.get("content-type")]).toEqual([400, "text/plain; charset=utf-8"]);
    expect(older.text).toStartWith("client version 1.23 is too old.");
  });

  test("of a function that is not there names its route", async () => {
    await using api = await openMemoryApi();
    const build = await api.request("POST", "/v1.51/build", {});
    expect([build.status, build.json()]).toEqual([501, { message: "POST /build is not implemented" }]);
    expect((await api.request("POST", "/swarm/init", {})).status).toBe(501);
    const services = await api.request("GET", "/services");
    expect([services.status, services.text]).toEqual([503, expect.stringContaining("This node is not a swarm manager.")]);
    expect(await api.request("GET", "/plugins").then((reply) => reply.json())).toEqual([]);
    expect((await api.request("OPTIONS", "/anything")).status).toBe(200);
  });
});

describe("containers", () => {
  test("live from create to remove", async () => {
    await using api = await openMemoryApi();
    const id = await create(api, "web", { Cmd: ["both"], Labels: { a: "b" } });
    const waiting = api.request("POST", "/containers/web/wait?condition=next-exit");
    expect((await api.request("POST", "/containers/web/start")).status).toBe(204);
    expect((await waiting).json()).toEqual({ StatusCode: 3 });
    const inspected = (await api.request("GET", `/containers/${id.slice(0, 12)}/json`)).json();
    expect(inspected).toMatchObject({
      Id: id,
      Name: "/web",
      Path: "both",
      Args: [],
      State: { Status: "exited", Running: false, ExitCode: 3 },
      Config: { Image: "busybox", Labels: { a: "b" }, Env: ["PATH=/bin"], Hostname: id.slice(0, 12) },
      HostConfig: { NetworkMode: "bridge", CgroupnsMode: "private", Runtime: "crun", LogConfig: { Type: "json-file", Config: {} } },
    });
    expect((await api.request("GET", "/containers/json")).json()).toEqual([]);
    expect((await api.request("GET", "/containers/json?all=1")).json()).toMatchObject([
      { Id: id, Names: ["/web"], Command: "both", State: "exited", Status: "Exited (3) Less than a second ago", Labels: { a: "b" } },
    ]);
    expect((await api.request("POST", "/containers/web/rename?name=/shop")).status).toBe(204);
    expect((await api.request("DELETE", "/containers/shop")).status).toBe(204);
    expect((await api.request("GET", `/containers/${id}/json`)).status).toBe(404);
    expect(api.failures).toEqual([]);
  });

  test("answer 304 without a body to what is so already", async () => {
    await using api = await openMemoryApi();
    await create(api, "web", {});
    const stop = await api.request("POST", "/containers/web/stop");
    expect([stop.status, stop.text, stop.headers.get("content-length")]).toEqual([304, "", null]);
    await api.request("POST", "/containers/web/start");
    expect((await api.request("POST", "/containers/web/start")).status).toBe(304);
    expect((await api.request("DELETE", "/containers/web")).status).toBe(409);
    expect((await api.request("DELETE", "/containers/web?force=1")).status).toBe(204);
  });

  test("are listed by filters, and by none that is not there", async () => {
    await using api = await openMemoryApi();
    await create(api, "one", { Labels: { a: "1" } });
    await create(api, "two", { Labels: { a: "2" } });
    const names = async (filters: object): Promise<unknown> => {
      const reply = await api.request("GET", `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`);
      return reply.status === 200 ? (reply.json() as { Names: string[] }[]).map((container) => container.Names[0]) : reply.json();
    };
    expect(await names({})).toEqual(["/two", "/one"]);
    expect(await names({ label: { "a=1": true } })).toEqual(["/one"]);
    expect(await names({ name: ["two"], status: ["created"] })).toEqual(["/two"]);
    expect(await names({ status: ["x"] })).toMatchObject({ message: expect.stringContaining("invalid filter 'status=x'") });
    expect(await names({ ancestor: ["x"] })).toEqual([]);
    expect(await names({ other: ["x"] })).toEqual({ message: "invalid filter 'other'" });
  });

  test("are shown to old clients as those know them", async () => {
    await using api = await openMemoryApi();
    await create(api, "web", {});
    const [old] = (await api.request("GET", "/v1.47/containers/json?all=1")).json() as Record<string, unknown>[];
    const [now] = (await api.request("GET", "/v1.48/containers/json?all=1")).json() as Record<string, unknown>[];
    expect(now).toHaveProperty("ImageManifestDescriptor.platform.os", "linux");
    expect(old).not.toHaveProperty("ImageManifestDescriptor");
  });

  test("say what they ignored", async () => {
    await using api = await openMemoryApi();
    const reply = await api.request("POST", "/containers/create", { Image: "busybox", Colour: "red" });
    expect(reply.json()).toMatchObject({ Warnings: ["unknown field Colour was ignored"] });
  });
});

describe("wait", () => {
  test("sends its head before the container ends", async () => {
    await using api = await openMemoryApi();
    await create(api, "web", {});
    await api.request("POST", "/containers/web/start");
    await using connection = await api.connect();
    connection.send("POST /containers/web/wait HTTP/1.1\r\nHost: docker\r\n\r\n");
    expect(await connection.until("\r\n\r\n")).not.toContain("StatusCode");
    await api.request("POST", "/containers/web/kill");
    expect(await connection.until('{"StatusCode":137}\n')).toContain("Transfer-Encoding: chunked");
  });

  test("refuses a condition that is none", async () => {
    await using api = await openMemoryApi();
    await create(api, "web", {});
    const reply = await api.request("POST", "/containers/web/wait?condition=foo");
    expect([reply.status, reply.json()]).toEqual([400, { message: 'invalid condition: "foo"' }]);
    expect((await api.request("POST", "/containers/nope/wait")).status).toBe(404);
  });
});

describe("images", () => {
  test("are listed, inspected, tagged and removed", async () => {
    await using api = await openMemoryApi();
    expect((await api.request("GET", "/images/json")).json()).toMatchObject([{ RepoTags: ["busybox:latest"], Containers: 0, Size: 3000 }]);
    expect((await api.request("GET", "/v1.43/images/json")).json()).toMatchObject([{ Containers: -1, VirtualSize: 3000 }]);
    expect((await api.request("POST", "/images/busybox/tag?repo=127.0.0.1:5000/team/box&tag=1")).status).toBe(201);
    const inspected = await api.request("GET", "/images/127.0.0.1:5000/team/box:1/json");
    expect(inspected.json()).toMatchObject({
      RepoTags: ["busybox:latest", "127.0.0.1:5000/team/box:1"],
      Os: "linux",
      Config: { Cmd: ["sleep"] },
    });
    expect((await api.request("DELETE", "/images/busybox")).json()).toMatchObject([
      { Untagged: "busybox" },
      { Deleted: expect.stringContaining("sha256:") },
    ]);
    expect((await api.request("GET", "/images/busybox/json")).json()).toEqual({ message: "No such image: busybox:latest" });
  });

  test("tell of a failed load in the stream, since the status is spent", async () => {
    await using api = await openMemoryApi();
    const broken = await fetch("http://docker/images/load", { unix: api.socket, method: "POST", body: "garbage" });
    expect([broken.status, await broken.text()]).toEqual([
      200,
      '{"errorDetail":{"message":"unrecognized image format"},"error":"unrecognized image format"}\r\n',
    ]);
    const loaded = await fetch("http://docker/images/load?quiet=1", { unix: api.socket, method: "POST", body: "image foo:1" });
    expect(await loaded.text()).toBe('{"stream":"Loaded image: foo:1\\n"}\r\n');
  });

  test("answer a pull that never began with a status, and one that broke with a line", async () => {
    await using api = await openMemoryApi();
    const missing = await api.request("POST", "/images/create?fromImage=nope&tag=1");
    expect([missing.status, missing.json()]).toEqual([404, { message: "No such image: nope:1" }]);
    api.engine.addImage("broken", ["true"]);
    const broken = await api.request("POST", "/images/create?fromImage=broken&tag=latest");
    expect(broken.status).toBe(200);
    expect(broken.text.split("\r\n")).toEqual([
      '{"status":"Pulling from library/x","id":"latest"}',
      '{"status":"Pulling fs layer","progressDetail":{},"id":"0123456789ab"}',
      '{"errorDetail":{"message":"the connection broke"},"error":"the connection broke"}',
      "",
    ]);
    expect((await api.request("POST", "/images/create?fromImage=scratch")).status).toBe(403);
    expect((await api.request("POST", "/images/create?fromSrc=http://nowhere/")).text).toStartWith(
      '{"status":"Downloading from http://nowhere/"}\r\n{"status":"sha256:',
    );
  });
});

describe("events", () => {
  test("come live, filtered, and their listener goes with the client", async () => {
    await using api = await openMemoryApi();
    const connection = await api.connect();
    const filters = encodeURIComponent(JSON.stringify({ event: { create: true, destroy: true } }));
    connection.send(`GET /events?filters=${filters} HTTP/1.1\r\nHost: docker\r\n\r\n`);
    await connection.until("\r\n\r\n");
    const id = await create(api, "web", { Cmd: ["true"] });
    await api.request("POST", "/containers/web/start");
    await api.request("DELETE", "/containers/web?force=1");
    const seen = await connection.until('"status":"destroy"');
    expect(seen).toContain(`"status":"create","id":"${id}","from":"busybox"`);
    expect(seen).not.toContain('"status":"start"');
    expect(api.engine.listeners).toBe(1);
    connection.socket.destroy();
    while (api.engine.listeners > 0) await new Promise((settle) => setImmediate(settle));
    expect(api.failures).toEqual([]);
  });

  test("end at the time that the client named", async () => {
    await using api = await openMemoryApi();
    const until = (Date.now() + 100) / 1000;
    expect(await api.request("GET", `/events?until=${until}`).then(({ status, text }) => [status, text])).toEqual([200, ""]);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(until - 0.001);
    const connection = await api.connect();
    connection.send("GET /events?until=99999999999 HTTP/1.1\r\nHost: docker\r\n\r\n");
    await connection.until("\r\n\r\n");
    api.engine.announce({ type: "container", action: "start", actorId: "a", attributes: {} });
    await connection.until('"Action":"start"');
    connection.socket.destroy();
  });

  test("are replayed from a time on, through the filters, and go on live", async () => {
    await using api = await openMemoryApi();
    const tell = (action: string): void => api.engine.announce({ type: "container", action, actorId: "a", attributes: {} });
    tell("create");
    await api.request("GET", "/_ping");
    const since = Date.now() / 1000;
    for (const action of ["start", "kill", "die"]) tell(action);
    const actionsOf = (text: string): string[] => [...text.matchAll(/"Action":"(\w+)"/g)].map(([, action = ""]) => action);
    const filters = encodeURIComponent(JSON.stringify({ event: ["start", "die", "destroy"] }));
    const connection = await api.connect();
    connection.send(`GET /events?since=${since - 0.001}&filters=${filters} HTTP/1.1\r\nHost: docker\r\n\r\n`);
    await connection.until('"Action":"die"');
    tell("destroy");
    expect(actionsOf(await connection.until('"Action":"destroy"'))).toEqual(["start", "die", "destroy"]);
    connection.socket.destroy();
    const all = await api.request("GET", `/events?since=0&until=${Date.now() / 1000 + 0.01}`);
    expect(actionsOf(all.text)).toEqual(["create", "start", "kill", "die", "destroy"]);
  });

  test("go to many listeners as the same bytes", async () => {
    await using api = await openMemoryApi();
    const connections = await Promise.all(Array.from({ length: 20 }, () => api.connect()));
    for (const connection of connections) connection.send("GET /events HTTP/1.1\r\nHost: docker\r\n\r\n");
    await Promise.all(connections.map((connection) => connection.until("\r\n\r\n")));
    for (let count = 1; count <= 100; count += 1)
      api.engine.announce({
        type: "container",
        action: count === 100 ? "die" : "start",
        actorId: String(count),
        attributes: { name: "x" },
      });
    const seen = await Promise.all(connections.map((connection) => connection.until('"Action":"die"')));
    const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.startsWith('{"status"'));
    expect(linesOf(seen[0] ?? "").length).toBe(100);
    expect(new Set(seen.map((text) => linesOf(text).join("\n"))).size).toBe(1);
    for (const connection of connections) connection.socket.destroy();
  });

  test("I27 reach a live reader to the last of 10,000, however they come in bursts", async () => {
    await using api = await openMemoryApi();
    const connection = await api.connect();
    connection.send("GET /events HTTP/1.1\r\nHost: docker\r\n\r\n");
    await connection.until("\r\n\r\n");
    let announced = 0;
    // From one in a turn of the loop to a few hundred.
    for (let burst = 1; announced < 10_000; burst = (burst * 3) % 367) {
      for (let left = burst; left > 0 && announced < 10_000; left -= 1)
        api.engine.announce({ type: "container", action: "start", actorId: String(++announced), attributes: { name: "x" } });
      await new Promise((settle) => setImmediate(settle));
    }
    const seen = await connection.until('"id":"10000"');
    const numbers = [...seen.matchAll(/"status":"start","id":"(\d+)"/g)].map(([, id]) => Number(id));
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
    connection.socket.destroy();
  });

  test("cut a listener that lags too far, which is told by the missing end", async () => {
    await using api = await openMemoryApi();
    const connection = await api.connect();
    connection.send("GET /events HTTP/1.1\r\nHost: docker\r\n\r\n");
    await connection.until("\r\n\r\n");
    connection.socket.pause();
    const attributes = { name: "x".repeat(2000) };
    // More than any socket's buffer holds, in turns of the loop of their own, until the listener's place is gone.
    for (let turn = 0; turn < 40; turn += 1) {
      for (let count = 0; count < 1000; count += 1) api.engine.announce({ type: "container", action: "start", actorId: "a", attributes });
      await new Promise((settle) => setImmediate(settle));
    }
    connection.socket.resume();
    const received = await connection.toEnd();
    expect(received.length).toBeGreaterThan(0);
    // A reply that is whole ends with an empty chunk.
    expect(received.subarray(-5).toString()).not.toBe("0\r\n\r\n");
    expect(api.engine.listeners).toBe(0);
    expect(api.failures).toEqual([]);
  });

  test("end at a time that has passed, and refuse one before the other", async () => {
    await using api = await openMemoryApi();
    expect(await api.request("GET", "/events?until=1").then(({ status, text }) => [status, text])).toEqual([200, ""]);
    expect((await api.request("GET", "/events?since=5&until=2")).json()).toEqual({
      message: "`since` time (5) cannot be after `until` time (2)",
    });
  });
});

test("version and info report the persona that clients decide by", async () => {
  await using api = await openMemoryApi();
  expect((await api.request("GET", "/version")).json()).toMatchObject({
    Platform: { Name: "Gantry 0.1.0" },
    Components: [{ Name: "Gantry", Version: "0.1.0" }, { Name: "Engine", Version: "28.5.2" }, { Name: "crun" }],
    Version: "28.5.2",
    ApiVersion: "1.51",
    MinAPIVersion: "1.24",
    Arch: "amd64",
  });
  expect((await api.request("GET", "/info")).json()).toMatchObject({
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
    ServerVersion: "28.5.2",
    Swarm: { LocalNodeState: "inactive" },
    Warnings: null,
  });
});

test("a login tells whether the registry takes the credentials, and keeps nothing", async () => {
  await using api = await openMemoryApi();
  const body = { username: "bob", password: "secret", serveraddress: "registry.test" };
  const granted = await api.request("POST", "/auth", body);
  expect([granted.status, granted.json()]).toEqual([200, { IdentityToken: "", Status: "Login Succeeded" }]);
  const refused = await api.request("POST", "/auth", { ...body, password: "wrong" });
  expect([refused.status, refused.json()]).toEqual([401, { message: "unauthorized: incorrect username or password" }]);
  expect((await api.request("POST", "/auth")).json()).toEqual({ message: "EOF" });
});
