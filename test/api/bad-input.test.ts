import { describe, expect, test } from "bun:test";
import { openMemoryApi } from "../support/memory-api.ts";

const jsonHead = (length: number): string =>
  `POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe("a body", () => {
  test.each([
    ["", 400, "invalid JSON: got EOF while reading request body"],
    ["{", 400, "invalid JSON: unexpected EOF"],
    ["null", 400, "config cannot be empty in order to create a container"],
    ['{"Image":""}', 400, "no command specified"],
    ['{"Image":"nope"}', 404, "No such image: nope:latest"],
    ['{"Image":"UPPER"}', 400, "invalid reference format: repository name (library/UPPER) must be lowercase"],
    ['{"Image":"a\\u0001"}', 400, "invalid reference format"],
    ['{"Image":"busybox"} x', 400, "unexpected content after JSON"],
  ])("of %s is answered with %d", async (body, status, message) => {
    await using api = await openMemoryApi();
    const response = await fetch("http://docker/containers/create", {
      unix: api.socket,
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect([response.status, await response.json()]).toEqual([status, { message }]);
    expect(api.failures).toEqual([]);
  });

  test("of 10 MB is 413 before it is read, and the next request is served", async () => {
    await using api = await openMemoryApi();
    const reply = await api.request("POST", "/containers/create", { Image: "busybox", Labels: { a: "x".repeat(10_000_000) } });
    expect([reply.status, reply.json()]).toEqual([413, { message: "request body is larger than 4194304 bytes" }]);
    expect((await api.request("GET", "/_ping")).status).toBe(200);
  });

  test("without end is 413 at the limit", async () => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send("POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    const piece = `10000\r\n${" ".repeat(65_536)}\r\n`;
    for (let count = 0; count < 70; count += 1) connection.send(piece);
    expect(await connection.until("\r\n\r\n")).toStartWith("HTTP/1.1 413 Payload Too Large");
  });

  test("just below the limit is read", async () => {
    await using api = await openMemoryApi();
    const reply = await api.request("POST", "/containers/create", { Image: "busybox", Labels: { a: "x".repeat(4_000_000) } });
    expect(reply.status).toBe(201);
  });

  test("that is cut off by its client leaves nothing", async () => {
    await using api = await openMemoryApi();
    for (let round = 0; round < 20; round += 1) {
      await using connection = await api.connect();
      connection.send(`${jsonHead(1000)}{"Image":"busy`);
    }
    expect((await api.request("GET", "/containers/json?all=1")).json()).toEqual([]);
  });

  test("of every mutation is a refusal or a container, never a 500", async () => {
    await using api = await openMemoryApi();
    const whole =
      '{"Image":"busybox","Cmd":["a"],"HostConfig":{"Memory":10000000,"PortBindings":{"80/tcp":[{"HostPort":"80"}]},"Mounts":[]}}';
    const mutants = Array.from({ length: whole.length }, (_, at) =>
      Array.from('{}[]":,0nx\u0000', (char) => whole.slice(0, at) + char + whole.slice(at + 1)),
    ).flat();
    for (const body of mutants) {
      const response = await fetch("http://docker/containers/create", {
        unix: api.socket,
        method: "POST",
        body,
        headers: { "Content-Type": "application/json" },
      });
      await response.arrayBuffer();
      expect({ body, refused: [201, 400, 404, 501].includes(response.status) }).toEqual({ body, refused: true });
    }
    expect(api.failures).toEqual([]);
  });
});

describe("a request", () => {
  test.each([
    ["garbage\r\n\r\n", 400],
    ["GET /_ping HTTP/1.1\r\n\r\n", 400],
    ["GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
    ["POST /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 400],
    [`GET /_ping HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(2_000_000)}\r\n\r\n`, 400],
    ["GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET /containers/%00/json HTTP/1.1\r\nHost: x\r\n\r\n", 404],
    ["GET /containers/..%2f..%2fetc/json HTTP/1.1\r\nHost: x\r\n\r\n", 301],
    ["GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 301],
    ["GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200],
    ["GET /foo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 404],
  ])("of %j is answered with %d", async (head, status) => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send(head);
    expect(await connection.until("\r\n\r\n")).toStartWith(`HTTP/1.1 ${status} `);
    expect((await api.request("GET", "/_ping")).status).toBe(200);
    expect(api.failures).toEqual([]);
  });

  test("that stops in its head keeps nobody waiting", async () => {
    await using api = await openMemoryApi();
    await using slow = await api.connect();
    slow.send("GET /_ping HTTP/1.1\r\nHos");
    expect((await api.request("GET", "/_ping")).text).toBe("OK");
    slow.send("t: x\r\n\r\n");
    expect(await slow.until("OK")).toStartWith("HTTP/1.1 200 OK");
  });

  test("behind another on one connection is answered after it", async () => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /foo HTTP/1.1\r\nHost: x\r\n\r\n");
    const both = await connection.until("page not found");
    expect(both.indexOf("200 OK")).toBeLessThan(both.indexOf("404 Not Found"));
  });

  test.each(["a%20b", "a%01b", "a", "-x", "%E2%80%AE", "..%2Fx", "a%0Ab"])("for a container called %s is 400", async (name) => {
    await using api = await openMemoryApi();
    const reply = await api.request("POST", `/containers/create?name=${name}`, { Image: "busybox" });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("Invalid container name")]);
  });

  test("for an id that two containers share is 400", async () => {
    await using api = await openMemoryApi();
    for (let count = 0; count < 17; count += 1) await api.request("POST", "/containers/create", { Image: "busybox" });
    const ids = ((await api.request("GET", "/containers/json?all=1")).json() as { Id: string }[]).map((container) => container.Id);
    const firsts = ids.map((id) => id.slice(0, 1));
    const shared = firsts.find((first, index) => firsts.indexOf(first) !== index) ?? "";
    const reply = await api.request("GET", `/containers/${shared}/json`);
    expect([reply.status, reply.json()]).toEqual([400, { message: `multiple IDs found with provided prefix: ${shared}` }]);
  });
});
