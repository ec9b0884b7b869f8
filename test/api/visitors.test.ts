// A browser is no client (row E02): what a page that somebody made can send here.
import { describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

/** Status and body of the answer to a request as it stands. */
async function ask(api: MemoryApi, lines: readonly string[], body = ""): Promise<string> {
  await using connection = await api.connect();
  connection.send(`${[...lines, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`);
  const head = await connection.until("\r\n\r\n");
  return head.split("\r\n", 1)[0] ?? "";
}

const json = '{"Image":"busybox"}';

describe("a page's request", () => {
  test("under a name of its own is 403 on every route, and reaches no verb", async () => {
    const asked: string[] = [];
    await using api = await openMemoryApi({ policy: (_caller, verb) => asked.push(verb) > 0 });
    const refused = await Promise.all(
      ["GET /info", "GET /v1.51/containers/json", "POST /containers/create", "DELETE /containers/x", "GET /nowhere", "OPTIONS /info"].map(
        (line) => ask(api, [`${line} HTTP/1.1`, "Host: evil.test"]),
      ),
    );
    expect(new Set(refused)).toEqual(new Set(["HTTP/1.1 403 Forbidden"]));
    expect(asked).toEqual([]);
  });

  test("from a foreign origin is 403, with an upgrade and a preflight as well", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=web", { Image: "busybox" });
    const origin = ["Host: localhost", "Origin: http://evil.test"];
    const upgrade = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const answers = [
      await ask(api, ["POST /containers/create HTTP/1.1", ...origin, "Content-Type: application/json"], json),
      await ask(api, ["POST /containers/web/attach?stream=1&stdout=1 HTTP/1.1", ...origin, "Connection: Upgrade", "Upgrade: tcp"]),
      await ask(api, ["GET /containers/web/attach/ws?stream=1 HTTP/1.1", ...origin, ...upgrade]),
      await ask(api, ["OPTIONS /containers/create HTTP/1.1", ...origin, "Access-Control-Request-Method: POST"]),
      await ask(api, ["GET /containers/json HTTP/1.1", "Host: localhost", "Sec-Fetch-Site: cross-site"]),
    ];
    expect(answers).toEqual(answers.map(() => "HTTP/1.1 403 Forbidden"));
    expect((await api.request("GET", "/containers/json?all=1")).json()).toHaveLength(1);
  });

  test("of a form is 400: its type is not JSON's", async () => {
    await using api = await openMemoryApi();
    const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    for (const type of types) {
      const status = await ask(api, ["POST /containers/create?name=web HTTP/1.1", "Host: localhost", `Content-Type: ${type}`], json);
      expect([type, status]).toEqual([type, "HTTP/1.1 400 Bad Request"]);
    }
    expect((await api.request("GET", "/containers/json?all=1")).json()).toEqual([]);
  });

  test("is never told that it may come back", async () => {
    await using api = await openMemoryApi();
    await using connection = await api.connect();
    connection.send("OPTIONS /info HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nAccess-Control-Request-Method: GET\r\n\r\n");
    const preflight = await connection.until("\r\n\r\n");
    expect(preflight).toStartWith("HTTP/1.1 200");
    const { headers } = await api.request("GET", "/info");
    expect([preflight.toLowerCase(), [...headers.keys()].join()].filter((text) => text.includes("access-control"))).toEqual([]);
  });
});

test("a client's request is answered, whatever it calls us", async () => {
  await using api = await openMemoryApi();
  const hosts = [
    "Host: api.moby.localhost",
    "Host: docker",
    "Host: localhost",
    "Host: v1.51",
    "Host: docker.example.com",
    "Host: 127.0.0.1:2375",
  ];
  for (const host of hosts) expect([host, await ask(api, ["GET /info HTTP/1.1", host])]).toEqual([host, "HTTP/1.1 200 OK"]);
  expect(await ask(api, ["GET /info HTTP/1.0"])).toEndWith(" 200 OK");
  expect(await ask(api, ["GET /info HTTP/1.1", "Host: localhost", "Origin: http://localhost"])).toBe("HTTP/1.1 200 OK");
});
