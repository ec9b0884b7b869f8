import { describe, expect, test } from "bun:test";
import { FrameDecoder } from "#wire";
import { openMemoryApi, upgradeHead, type MemoryApi } from "../support/memory-api.ts";

async function run(api: MemoryApi, name: string, body: object): Promise<void> {
  expect((await api.request("POST", `/containers/create?name=${name}`, { Image: "busybox", ...body })).status).toBe(201);
  expect((await api.request("POST", `/containers/${name}/start`)).status).toBe(204);
}

async function createExec(api: MemoryApi, body: object): Promise<string> {
  const reply = await api.request("POST", "/containers/box/exec", body);
  expect(reply.status).toBe(201);
  return (reply.json() as { Id: string }).Id;
}

/** Head and payload of a reply, the payload's frames taken apart. */
function split(received: Buffer): { head: string; raw: string; stdout: string; stderr: string } {
  const end = received.indexOf("\r\n\r\n") + 4;
  const texts = { stdout: "", stderr: "" };
  const raw = received.subarray(end);
  if (received.subarray(0, end).includes("multiplexed"))
    for (const piece of new FrameDecoder().push(raw))
      if (piece.stream in texts) texts[piece.stream as "stdout"] += Buffer.from(piece.bytes).toString();
  return { head: received.subarray(0, end).toString(), raw: raw.toString(), ...texts };
}

describe("attach", () => {
  test("upgrades, carries stdin to its end and output behind it", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=cc", { Image: "busybox", Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
    await using connection = await api.connect();
    connection.send(upgradeHead("/v1.51/containers/cc/attach?stream=1&stdin=1&stdout=1&stderr=1"));
    await connection.until("\r\n\r\n");
    await api.request("POST", "/containers/cc/start");
    connection.send("hello ");
    await connection.until("hello ");
    connection.send("world");
    connection.endInput();
    expect(split(await connection.toEnd())).toMatchObject({
      head: "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
      stdout: "hello world",
    });
    expect(api.engine.attached("cc")).toBe(0);
  });

  test("works without an upgrade, half-close included", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["cat"], OpenStdin: true, StdinOnce: true, Tty: false });
    await using connection = await api.connect();
    connection.send("POST /containers/cc/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n\r\n");
    await connection.until("\r\n\r\n");
    connection.send("x".repeat(100_000));
    connection.endInput();
    const received = await connection.toEnd();
    expect(received.toString().slice(0, 76)).toBe(
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n".padEnd(76, "\x01\0\0\0\0\0\0\0").slice(0, 68) +
        received.toString().slice(68, 76),
    );
    expect(received.toString().replaceAll(/[^x]/g, "").length).toBe(
      100_000 + "Content-Type: application/vnd.docker.raw-stream".replaceAll(/[^x]/g, "").length,
    );
  });

  test("works without an upgrade when input comes in the packet of the request", async () => {
    await using api = await openMemoryApi();
    const { Id: id } = (
      await api.request("POST", "/containers/create", { Image: "busybox", Cmd: ["cat"], OpenStdin: true, StdinOnce: true })
    ).json() as { readonly Id: string };
    await api.request("POST", `/containers/${id}/start`);
    await using connection = await api.connect();
    connection.send(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\nhello at once\n`);
    await connection.until("200 OK");
    connection.endInput();
    expect((await connection.toEnd()).toString("latin1")).toEndWith("hello at once\n");
  });

  test("that fails ends a connection whose input came with the request", async () => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send(
      "POST /exec/nobody/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}said to nobody\n",
    );
    expect((await connection.toEnd()).toString().match(/HTTP\/1\.1 [0-9]+/g)).toEqual(["HTTP/1.1 404"]);
    await using attaching = await api.connect();
    attaching.send("POST /containers/nobody/attach?stream=1 HTTP/1.1\r\nHost: x\r\n\r\nsaid to nobody\n");
    expect((await attaching.toEnd()).toString()).toStartWith("HTTP/1.1 404 Not Found");
  });

  test("of a client that says nothing goes on when that client's input ends", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=cc", { Image: "busybox", Cmd: ["both"] });
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?stream=1&stdout=1&stderr=1"));
    await connection.until("\r\n\r\n");
    connection.endInput();
    await api.request("POST", "/containers/cc/start");
    expect(split(await connection.toEnd())).toMatchObject({ stdout: "out\n", stderr: "err\n" });
  });

  test("brings a process's last words to a client that still speaks", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=cc", { Image: "busybox", Cmd: ["lines", "100"], OpenStdin: true, StdinOnce: true });
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?stream=1&stdin=1&stdout=1&stderr=1"));
    await connection.until("\r\n\r\n");
    connection.socket.pause();
    await api.request("POST", "/containers/cc/start");
    for (let count = 0; count < 20; count += 1) {
      connection.send("nobody reads this");
      await api.request("GET", "/_ping");
    }
    connection.socket.resume();
    expect(split(await connection.toEnd()).stderr).toEndWith(`${"99".padEnd(99)}\n`);
  });

  test("shows only the streams that were asked for", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=cc", { Image: "busybox", Cmd: ["both"] });
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?stream=1&stderr=1"));
    await connection.until("\r\n\r\n");
    await api.request("POST", "/containers/cc/start");
    expect(split(await connection.toEnd())).toMatchObject({ stdout: "", stderr: "err\n" });
  });

  test("of a terminal is raw and ends at the detach keys, the container goes on", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["cat"], OpenStdin: true, StdinOnce: true, Tty: true });
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,b"));
    await connection.until("\r\n\r\n");
    connection.send("typed\x01b and lost");
    const received = split(await connection.toEnd());
    expect([received.head.includes("raw-stream"), received.raw]).toEqual([true, ""]);
    await using second = await api.connect();
    second.send(upgradeHead("/containers/cc/attach?stream=1&stdin=1&stdout=1"));
    await second.until("\r\n\r\n");
    second.send("again");
    expect(await second.until("again")).toEndWith("again");
  });

  test("replays the log first", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["both"] });
    await api.request("POST", "/containers/cc/wait");
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?logs=1&stdout=1&stderr=1"));
    expect(split(await connection.toEnd())).toMatchObject({ stdout: "out\n", stderr: "err\n" });
  });

  test("that fails says so as a bare status line", async () => {
    await using api = await openMemoryApi();
    for (const [path, words] of [
      [
        "/containers/nope/attach?stream=1",
        "404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: nope\r\n",
      ],
      [
        "/containers/nope/attach?detachKeys=foo",
        "400 Bad Request\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nInvalid detach keys (foo) provided\r\n",
      ],
    ] as const) {
      await using connection = await api.connect();
      connection.send(upgradeHead(path));
      expect((await connection.toEnd()).toString()).toBe(`HTTP/1.1 ${words}`);
    }
  });

  test("lets go of a client that closes in the middle", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["cat"], OpenStdin: true });
    for (const head of [
      upgradeHead("/containers/cc/attach?stream=1&stdin=1&stdout=1"),
      "POST /containers/cc/attach?stream=1&stdout=1&stdin=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
      for (let round = 0; round < 50; round += 1) {
        await using connection = await api.connect();
        connection.send(head);
        await connection.until("\r\n\r\n");
      }
    while (api.engine.attached("cc") > 0) await new Promise((settle) => setImmediate(settle));
    expect((await api.request("GET", "/_ping")).text).toBe("OK");
    expect(api.failures).toEqual([]);
  });

  test("holds a process back whose client does not read", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=cc", { Image: "busybox", Cmd: ["lines", "100000"] });
    await using connection = await api.connect();
    connection.send(upgradeHead("/containers/cc/attach?stream=1&stdout=1&stderr=1"));
    await connection.until("\r\n\r\n");
    connection.socket.pause();
    await api.request("POST", "/containers/cc/start");
    for (let round = 0; round < 20; round += 1) await api.request("GET", "/_ping");
    expect((await api.request("GET", "/containers/cc/json")).json()).toMatchObject({ State: { Status: "running" } });
    connection.socket.resume();
    const { stdout, stderr } = split(await connection.toEnd());
    const numbers = (text: string): number[] => text.split("\n").slice(0, -1).map(Number);
    expect(numbers(stdout)).toEqual(Array.from({ length: 50_000 }, (_, index) => index * 2));
    expect(numbers(stderr)).toEqual(Array.from({ length: 50_000 }, (_, index) => index * 2 + 1));
  });
});

describe("logs", () => {
  test("come in frames, by stream, with times and only the end", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["both"] });
    await api.request("POST", "/containers/cc/wait");
    const read = async (query: string): Promise<{ type: string | null; frames: string[] }> => {
      const response = await fetch(`http://docker${query}`, { unix: api.socket });
      const pieces = new FrameDecoder().push(await response.bytes());
      return {
        type: response.headers.get("content-type"),
        frames: pieces.map((piece) => `${piece.stream} ${Buffer.from(piece.bytes).toString()}`),
      };
    };
    expect(await read("/containers/cc/logs?stdout=1&stderr=1")).toEqual({
      type: "application/vnd.docker.multiplexed-stream",
      frames: ["stdout out\n", "stderr err\n"],
    });
    expect(await read("/v1.41/containers/cc/logs?stderr=1")).toEqual({
      type: "application/vnd.docker.raw-stream",
      frames: ["stderr err\n"],
    });
    expect((await read("/containers/cc/logs?stdout=1&stderr=1&tail=1")).frames).toEqual(["stderr err\n"]);
    expect((await read("/containers/cc/logs?stdout=1&timestamps=1")).frames[0]).toMatch(
      /^stdout \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z out\n$/,
    );
  });

  test("are followed to the end of the process", async () => {
    await using api = await openMemoryApi();
    await run(api, "cc", { Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
    await using reader = await api.connect();
    reader.send("GET /containers/cc/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: docker\r\n\r\n");
    await reader.until("\r\n\r\n");
    await using writer = await api.connect();
    writer.send(upgradeHead("/containers/cc/attach?stream=1&stdin=1"));
    await writer.until("\r\n\r\n");
    writer.send("line\n");
    await reader.until("line\n");
    writer.endInput();
    await reader.until("\r\n0\r\n\r\n");
  });

  test("need a stream", async () => {
    await using api = await openMemoryApi();
    const reply = await api.request("GET", "/containers/nope/logs");
    expect([reply.status, reply.json()]).toEqual([400, { message: "Bad parameters: you must choose at least one stream" }]);
  });
});

describe("exec", () => {
  test("runs with body, stdin and half-close in one go", async () => {
    await using api = await openMemoryApi();
    await run(api, "box", {});
    const id = await createExec(api, { Cmd: ["cat"], AttachStdin: true, AttachStdout: true });
    await using connection = await api.connect();
    connection.send(`${upgradeHead(`/exec/${id}/start`, '{"Detach":false,"Tty":false}')}hello`);
    connection.endInput();
    expect(split(await connection.toEnd()).stdout).toBe("hello");
    expect((await api.request("GET", `/exec/${id}/json`)).json()).toMatchObject({
      ID: id,
      Running: false,
      ExitCode: 0,
      ProcessConfig: { entrypoint: "cat", arguments: [] },
    });
  });

  test("tells of a failure in the stream, of a missing one by status", async () => {
    await using api = await openMemoryApi();
    await run(api, "box", {});
    const id = await createExec(api, { Cmd: ["nope"], AttachStdout: true });
    await using connection = await api.connect();
    connection.send(upgradeHead(`/exec/${id}/start`, "{}"));
    expect(split(await connection.toEnd()).stdout).toBe('exec: "nope": executable file not found in $PATH\r\n');
    expect((await api.request("GET", `/exec/${id}/json`)).json()).toMatchObject({ ExitCode: 127 });
    const again = await api.request("POST", `/exec/${id}/start`, { Detach: true });
    expect([again.status, again.json()]).toEqual([409, { message: `exec command ${id} has already run` }]);
    expect((await api.request("POST", "/exec/nope/start", {})).status).toBe(404);
    expect((await api.request("POST", "/containers/box/exec", {})).json()).toEqual({ message: "No exec command specified" });
  });

  test("detached is a plain 200", async () => {
    await using api = await openMemoryApi();
    await run(api, "box", {});
    const id = await createExec(api, { Cmd: ["true"] });
    const reply = await api.request("POST", `/exec/${id}/start`, { Detach: true });
    expect([reply.status, reply.text]).toEqual([200, ""]);
    expect((await api.request("POST", `/exec/${id}/resize?h=24&w=80`)).status).toBe(200);
  });
});
