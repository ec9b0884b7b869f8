import { describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi, type RawConnection } from "../support/memory-api.ts";
import { maskedFrame, saidBy, serverFrames, webSocketHead } from "../support/web-socket-client.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const accepted = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

interface Plan {
  readonly query?: string;
  readonly version?: string;
  readonly body?: object;
  readonly headers?: readonly string[];
}

async function open(
  api: MemoryApi,
  { query = "stream=1&stdin=1&stdout=1&stderr=1", version = "", body = {}, headers = [] }: Plan = {},
): Promise<RawConnection> {
  await api.request("POST", "/containers/create?name=web", { Image: "busybox", Cmd: ["cat"], OpenStdin: true, ...body });
  const connection = await api.connect();
  connection.send(webSocketHead(`${version}/containers/web/attach/ws?${query}`, headers));
  await connection.until("\r\n\r\n");
  await api.request("POST", "/containers/web/start");
  return connection;
}

async function untilSaid(connection: RawConnection, words: string): Promise<void> {
  while (!saidBy(connection).includes(words)) await new Promise((settle) => connection.socket.once("data", settle));
}

describe("attach by web socket", () => {
  test("carries bytes both ways in binary frames, answers pings, and says goodbye as the client does", async () => {
    await using api = await openMemoryApi();
    const connection = await open(api, { headers: ["Sec-WebSocket-Protocol: tty"] });
    const head = connection.received.toString("latin1").split("\r\n\r\n", 1)[0] ?? "";
    expect(head.split("\r\n")).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      accepted,
      "Sec-WebSocket-Protocol: tty",
    ]);
    const big = "0123456789".repeat(20_000);
    connection.send(
      Buffer.concat([maskedFrame(2, text("one "), { isFinal: false }), maskedFrame(9, text("!")), maskedFrame(0, text("two\n"))]),
    );
    connection.send(maskedFrame(1, text(big)));
    await untilSaid(connection, `one two\n${big}`);
    expect(serverFrames(connection.received).filter(({ opcode }) => opcode !== 2)).toEqual([{ opcode: 10, payload: Buffer.from("!") }]);
    connection.send(maskedFrame(8, Uint8Array.of(0x0f, 0xa0, 0x61)));
    const last = serverFrames(await connection.toEnd()).at(-1);
    expect(last).toEqual({ opcode: 8, payload: Buffer.from([0x0f, 0xa0]) });
    expect(api.failures).toEqual([]);
  });

  test("ends with the process: all that it said, then 1000", async () => {
    await using api = await openMemoryApi();
    const connection = await open(api, { body: { Cmd: ["lines", "2000"] } });
    const frames = serverFrames(await connection.toEnd());
    expect(frames.at(-1)).toEqual({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) });
    expect(saidBy(connection)).toBe(Array.from({ length: 2000 }, (_, line) => `${`${line}`.padEnd(99)}\n`).join(""));
  });

  test("gives a client only the streams that it names, from 1.42 on", async () => {
    await using api = await openMemoryApi();
    const some = await open(api, { query: "stream=1&stderr=1", body: { Cmd: ["both"] } });
    await some.toEnd();
    expect(saidBy(some)).toBe("err\n");
    await using old = await openMemoryApi();
    const all = await open(old, { query: "stream=1&stderr=1", version: "/v1.41", body: { Cmd: ["both"] } });
    await all.toEnd();
    expect(saidBy(all)).toBe("out\nerr\n");
  });

  test("speaks in text frames to clients before 1.28", async () => {
    await using api = await openMemoryApi();
    const connection = await open(api, { version: "/v1.27", body: { Cmd: ["both"] } });
    expect(serverFrames(await connection.toEnd()).map(({ opcode }) => opcode)).toEqual([1, 8]);
  });

  test("replays the log alone when no stream is asked for", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=done", { Image: "busybox", Cmd: ["both"] });
    await api.request("POST", "/containers/done/start");
    await api.request("POST", "/containers/done/wait");
    const connection = await api.connect();
    connection.send(webSocketHead("/containers/done/attach/ws?logs=1&stdout=1"));
    await connection.toEnd();
    expect(saidBy(connection)).toBe("out\n");
  });

  test("cuts a client that breaks the protocol with 1002, and the process lives on", async () => {
    await using api = await openMemoryApi();
    const connection = await open(api);
    connection.send(Buffer.from([0x82, 0x01, 0x61]));
    expect(serverFrames(await connection.toEnd()).at(-1)).toEqual({ opcode: 8, payload: Buffer.from([0x03, 0xea]) });
    expect((await api.request("GET", "/containers/web/json")).json()).toMatchObject({ State: { Running: true } });
    expect(api.engine.attached("web")).toBe(0);
    expect(api.failures).toEqual([]);
  });

  // Docker 28.5.2's words.
  test.each([
    ["GET /containers/web/attach/ws HTTP/1.1\r\nHost: docker\r\n\r\n", 400, "not websocket protocol"],
    [webSocketHead("/containers/web/attach/ws").replace(/Sec-WebSocket-Key.*\r\n/, ""), 400, "mismatch challenge/response"],
    [webSocketHead("/containers/web/attach/ws").replace("Version: 13", "Version: 12"), 400, "missing or bad WebSocket Version"],
    [webSocketHead("/containers/nope/attach/ws"), 404, "No such container: nope"],
    [webSocketHead("/containers/web/attach/ws?detachKeys=zzz"), 400, "Invalid detach keys (zzz) provided"],
    [webSocketHead("/containers/web/attach/ws", ["Origin: http://evil.example"]), 403, "are refused"],
  ])("refuses what is none: case %#", async (request, status, words) => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=web", { Image: "busybox" });
    const connection = await api.connect();
    connection.send(request);
    const reply = await connection.until(words);
    expect(reply).toStartWith(`HTTP/1.1 ${status} `);
    connection.socket.destroy();
    expect(api.engine.attached("web")).toBe(0);
  });
});

test("checkpoints are answered as by a Docker without experiments", async () => {
  await using api = await openMemoryApi();
  const answers = await Promise.all(
    [
      ["GET", "/containers/web/checkpoints"],
      ["POST", "/containers/web/checkpoints"],
      ["DELETE", "/containers/web/checkpoints/x"],
    ].map(([method = "", path = ""]) => api.request(method, path)),
  );
  const message = "This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.";
  expect(answers.map((reply) => [reply.status, reply.json()])).toEqual(answers.map(() => [501, { message }]));
});
