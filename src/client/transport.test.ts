// The transport against a real server on a unix socket that answers with bytes written out, so that each way of HTTP/1.1 is met.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonError, NotFoundError, UnreachableError } from "./client-error.ts";
import { DockerClient } from "./docker-client.ts";

let folder = "";
let server: Server;
/** What came in, one text a connection. */
let received: string[] = [];
let sockets: Socket[] = [];
/** Answers the n-th request of all connections together. */
let answer: (request: string, socket: Socket) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gantry-transport-"));
  received = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = received.push("") - 1;
    sockets.push(socket);
    socket.on("data", (chunk: Buffer) => {
      received[index] += chunk.toString("latin1");
      answer(chunk.toString("latin1"), socket);
    });
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "s"), resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const client = (
  options: { version?: string; onUnreachable?: (error: UnreachableError) => Promise<boolean>; path?: string } = {},
): DockerClient => {
  const path = options.path ?? join(folder, "s");
  const { version, onUnreachable } = options;
  const endpoint = { kind: "unix", path, address: `unix://${path}` } as const;
  return new DockerClient({ endpoint, ...(version && { version }), ...(onUnreachable && { onUnreachable }) });
};

const json = (body: string, status = "200 OK"): string => `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe("Transport", () => {
  test("keeps one connection for several requests", async () => {
    answer = (_, socket) => socket.write(json("[]"));
    using docker = client();
    await docker.containers.list({ all: true, limit: 3, filters: { name: ["a b"] } });
    await docker.images.list();
    expect(received.length).toBe(1);
    expect(received[0]).toContain(
      "GET /v1.51/containers/json?all=1&limit=3&filters=%7B%22name%22%3A%7B%22a+b%22%3Atrue%7D%7D HTTP/1.1\r\nHost: api.moby.localhost\r\n",
    );
  });

  test("joins a chunked body that comes byte by byte", async () => {
    const reply = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n[{"I\r\nE\r\nd":"a","x":1}]\r\n0\r\nTrailer: x\r\n\r\n';
    answer = (_, socket) => {
      for (const char of reply) socket.write(char);
    };
    using docker = client();
    expect(await docker.images.list()).toMatchObject([{ Id: "a" }]);
    expect(await docker.images.list()).toMatchObject([{ Id: "a" }]);
    expect(received.length).toBe(1);
  });

  test("speaks the version that an older daemon names, and stays there", async () => {
    answer = (request, socket) =>
      socket.write(
        request.includes("/v1.41/")
          ? json("[]")
          : json('{"message":"client version 1.51 is too new. Maximum supported API version is 1.41"}', "400 Bad Request"),
      );
    using docker = client();
    await docker.images.list();
    await docker.images.list();
    expect(received[0]?.match(/GET \/v[\d.]+/g)).toEqual(["GET /v1.51", "GET /v1.41", "GET /v1.41"]);
  });

  test("does not lower a version that was pinned", async () => {
    answer = (_, socket) =>
      socket.write(json('{"message":"client version 1.51 is too new. Maximum supported API version is 1.41"}', "400 Bad Request"));
    using docker = client({ version: "1.51" });
    expect(await docker.images.list().catch((error: unknown) => error)).toMatchObject({ status: 400 });
  });

  test("gives the daemon's words, or the text of whatever answered", async () => {
    answer = (request, socket) =>
      socket.write(
        request.includes("/a/") ? json('{"message":"No such container: a"}', "404 Not Found") : json("bad gateway\n", "502 Bad Gateway"),
      );
    using docker = client();
    expect(await docker.containers.inspect("a").catch((error: unknown) => error)).toEqual(new NotFoundError(404, "No such container: a"));
    expect(await docker.containers.inspect("b").catch((error: unknown) => error)).toEqual(new DaemonError(502, "bad gateway"));
  });

  test("sends a request again when a kept connection was closed meanwhile", async () => {
    answer = (_, socket) =>
      received.length === 1 && received[0]?.includes("images") === true ? socket.destroy() : socket.write(json("[]"));
    using docker = client();
    await docker.containers.list();
    expect(await docker.images.list()).toEqual([]);
    expect(received.length).toBe(2);
  });

  test.each([
    ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", "unexpected EOF"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[", "unexpected EOF"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[", "malformed chunk size"],
    ["HTTP/1.1 200", "unexpected EOF"],
    ["", "EOF"],
    ["SSH-2.0-x\r\n\r\n", 'malformed HTTP response "SSH-2.0-x"'],
  ])("refuses the reply %j", async (reply, message) => {
    answer = (_, socket) => socket.end(reply);
    using docker = client({ version: "1.51" });
    expect(await docker.images.list().catch((error: unknown) => error)).toMatchObject({ message: expect.stringContaining(message) });
  });

  test("hands a connection over with what came behind the head, and half-closes it", async () => {
    answer = (request, socket) => {
      if (request.startsWith("POST")) {
        socket.write(
          "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ",
        );
        socket.on("end", () => socket.end("after EOF"));
      }
    };
    using docker = client();
    const stream = await docker.containers.attach("x", { stdin: true, stdout: true });
    await stream.connection.write(new TextEncoder().encode("input"));
    stream.connection.endWrite();
    let text = "";
    for await (const chunk of stream.output) text += new TextDecoder().decode(chunk);
    expect({ text, multiplexed: stream.multiplexed }).toEqual({ text: "first after EOF", multiplexed: false });
    expect(received[0]).toEndWith("input");
    expect(received[0]).toContain("Connection: Upgrade\r\nUpgrade: tcp\r\n");
  });

  test("sends a stream in chunks, after it knows the version", async () => {
    answer = (request, socket) => {
      if (request.startsWith("GET") || request.endsWith("0\r\n\r\n")) socket.write(json('{"stream":"Loaded"}\n'));
    };
    using docker = client();
    const body = async function* (): AsyncGenerator<Uint8Array, void> {
      yield new TextEncoder().encode("tar");
      yield new Uint8Array(0);
      yield new TextEncoder().encode("x".repeat(17));
    };
    const lines: unknown[] = [];
    for await (const line of await docker.images.load(body())) lines.push(line);
    expect(lines).toEqual([{ stream: "Loaded" }]);
    expect(received.join("")).toContain(`3\r\ntar\r\n11\r\n${"x".repeat(17)}\r\n0\r\n\r\n`);
  });

  test("ends a request whose signal is given", async () => {
    answer = (_, socket) => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    using docker = client();
    const ended = new AbortController();
    const events = await docker.system.events({ signal: ended.signal });
    ended.abort();
    expect(
      await events.next().then(
        (step) => step.done,
        () => true,
      ),
    ).toBe(true);
  });

  test("asks once when nobody listens, and says where nobody did", async () => {
    const asked: string[] = [];
    const path = join(folder, "nobody");
    using docker = client({ path, onUnreachable: (error) => (asked.push(error.code), Promise.resolve(true)) });
    const failure: unknown = await docker.images.list().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect({ failure, asked }).toMatchObject({ failure: { address: `unix://${path}`, code: "ENOENT" }, asked: ["ENOENT"] });
  });
});
