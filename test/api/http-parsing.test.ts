// What a client can do to HTTP itself: one answer, then the end of the connection where the next request could not be told from this one.
import { describe, expect, test } from "bun:test";
import { openMemoryApi } from "../support/memory-api.ts";

const body = '{"Image":"nope"}';
const post = (fields: string, rest: string, path = "/containers/create"): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${fields}\r\n${rest}`;
const get = (fields: string, version = "HTTP/1.1"): string => `GET /_ping ${version}\r\n${fields}\r\n`;
const smuggled = "GET /containers/json HTTP/1.1\r\nHost: x\r\n\r\n";
const many = (count: number): string => Array.from({ length: count }, (_, index) => `A${index}: b\r\n`).join("");

describe("a request that could end in two places is refused and ends its connection:", () => {
  test.each([
    ["two kinds of length", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`), 400],
    ["two lengths", post("Content-Length: 16\r\nContent-Length: 3\r\n", body + smuggled), 400],
    ["a length with a sign", post("Content-Length: +16\r\n", body + smuggled), 400],
    ["a length below zero", post("Content-Length: -1\r\n", body + smuggled), 400],
    ["the coding identity", post("Transfer-Encoding: identity\r\n", body + smuggled), 501],
    ["an unknown coding", post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${smuggled}`), 501],
    ["a coding under the chunks", post("Transfer-Encoding: gzip, chunked\r\n", `0\r\n\r\n${smuggled}`), 501],
    ["a chunk of 2^68 bytes", post("Transfer-Encoding: chunked\r\n", `FFFFFFFFFFFFFFFFF\r\n${smuggled}`), 400],
    ["a chunk without a size", post("Transfer-Encoding: chunked\r\n", `zz\r\n${smuggled}`), 400],
    ["lines without a carriage return", "GET /_ping HTTP/1.1\nHost: x\n\n", 400],
    ["a carriage return without a line feed", get("Host: x\rA: b\r\n"), 400],
    ["a field over two lines", get("Host: x\r\nA: b\r\n c\r\n"), 400],
    ["a space before the colon", get("Host : x\r\n"), 400],
    ["two hosts", get("Host: x\r\nHost: y\r\n") + smuggled, 400],
    ["no host", get("") + smuggled, 400],
    ["a NUL in a field", get("Host: x\r\nA: b\u0000c\r\n"), 400],
    ["100,000 fields", get(`Host: x\r\n${many(100_000)}`), 400],
    ["another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["a version that is none", get("Host: x\r\n", "HTTP/3.0"), 400],
  ])("%s", async (_, request, status) => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send(request);
    const received = (await connection.toEnd()).toString();
    expect(received.match(/HTTP\/1\.1 [0-9]+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect((await api.request("GET", "/_ping")).text).toBe("OK");
    expect(api.failures).toEqual([]);
  });
});

describe("what other clients and proxies send is served:", () => {
  test.each([
    [
      "a path to be cleaned, with a line in it",
      "GET //a%0D%0AX-Injected:%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "301 Moved Permanently",
    ],
    ["an absolute target", "GET http://docker/_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n", "200 OK"],
    [
      "an upgrade to HTTP/2",
      get("Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
      "200 OK",
    ],
    [
      "a chunk with an extension",
      post("Connection: close\r\nTransfer-Encoding: chunked\r\n", `10;a=b\r\n${body}\r\n0\r\n\r\n`),
      "404 Not Found",
    ],
    [
      "filters of 200 kB",
      `GET /containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ name: ["a".repeat(200_000)] }))} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      "200 OK",
    ],
    [
      "a body with a coding that nobody asked about",
      post(`Connection: close\r\nContent-Encoding: identity\r\nContent-Length: ${body.length}\r\n`, body),
      "404 Not Found",
    ],
    [
      "a start with an empty chunked body",
      post("Connection: close\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", "/containers/nope/start"),
      "404 Not Found",
    ],
    [
      "a start with a chunked body that says something",
      post("Connection: close\r\nTransfer-Encoding: chunked\r\n", `10\r\n${body}\r\n0\r\n\r\n`, "/containers/nope/start"),
      "400 Bad Request",
    ],
    [
      "an upgrade with a chunked body",
      post("Connection: Upgrade\r\nUpgrade: tcp\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "/exec/nope/start"),
      "404 Not Found",
    ],
    [
      "an upgrade with a chunked body that is none",
      post("Connection: Upgrade\r\nUpgrade: tcp\r\nTransfer-Encoding: chunked\r\n", "zz\r\n", "/exec/nope/start"),
      "400 Bad Request",
    ],
  ])("%s", async (_, request, status) => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send(request);
    expect((await connection.toEnd()).toString()).toStartWith(`HTTP/1.1 ${status}\r\n`);
    expect(api.failures).toEqual([]);
  });
});

test("an exec that starts behind a chunked body hears what comes after it", async () => {
  await using api = await openMemoryApi();
  const { Id: id } = (await api.request("POST", "/containers/create", { Image: "busybox" })).json() as { readonly Id: string };
  await api.request("POST", `/containers/${id}/start`);
  const made = await api.request("POST", `/containers/${id}/exec`, { AttachStdin: true, AttachStdout: true, Cmd: ["cat"] });
  const { Id: exec } = made.json() as { readonly Id: string };
  await using connection = await api.connect();
  const head = post("Connection: Upgrade\r\nUpgrade: tcp\r\nTransfer-Encoding: chunked\r\n", "", `/exec/${exec}/start`);
  for (const piece of [head, "2\r", "\n{}\r\n0\r\n\r\nsaid at on", "ce\n"]) connection.send(piece);
  await connection.until("101 UPGRADED");
  connection.endInput();
  expect((await connection.toEnd()).toString("latin1").replaceAll(/[^ -~\n]/g, "")).toEndWith("said at once\n");
});
