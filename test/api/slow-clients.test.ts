// I32, E11, I18 as far as the server alone decides them: requests that never end, and clients that never read.
import { expect, test } from "bun:test";
import { openMemoryApi, RawConnection, type MemoryApi } from "../support/memory-api.ts";

test("I32 a head that comes byte by byte is cut, one that waits between requests is not", async () => {
  await using api = await openMemoryApi({ headLimit: 300 });
  await using patient = await RawConnection.open(api.socket);
  await using silent = await RawConnection.open(api.socket);
  patient.send("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n");
  await patient.until("OK");
  await using slow = await RawConnection.open(api.socket);
  slow.send("GET /_ping HTTP/1.1\r\nHost: docker\r\nX-Slow: ");
  const dripping = setInterval(() => slow.send("x"), 20);
  expect((await slow.toEnd()).length).toBe(0);
  clearInterval(dripping);
  // Both have been quiet for as long.
  for (const quiet of [patient, silent]) {
    quiet.send("GET /version HTTP/1.1\r\nHost: docker\r\n\r\n");
    await quiet.until("ApiVersion");
  }
});

for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n"]) {
  test(`I32 a conversation ${upgrade === "" ? "without" : "with"} an upgrade is no slow head, however slow it is`, async () => {
    await using api = await openMemoryApi({ headLimit: 100 });
    const body = { Image: "busybox", Cmd: ["cat"], OpenStdin: true };
    await api.request("POST", "/containers/create?name=talk", body);
    await api.request("POST", "/containers/talk/start");
    await using talk = await RawConnection.open(api.socket);
    talk.send(`POST /containers/talk/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n${upgrade}\r\n`);
    await talk.until("\r\n\r\n");
    for (const word of ["one", "two", "three"]) {
      talk.send(`${word}\n`);
      await talk.until(`${word}\n`);
      await Bun.sleep(150);
    }
  });
}

for (const [kind, header, chunk] of [
  ["announced as 10 GiB", "Content-Length: 10737418240", " ".repeat(65_536)],
  ["in chunks without end", "Transfer-Encoding: chunked", `10000\r\n${" ".repeat(65_536)}\r\n`],
] as const) {
  test(`I32 a JSON body ${kind} is 413, and is not read to its end`, async () => {
    await using api = await openMemoryApi();
    await using connection = await RawConnection.open(api.socket);
    connection.send(`POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n${header}\r\n\r\n`);
    const sent = await sendUntilCut(connection, chunk);
    expect(connection.received.toString()).toStartWith("HTTP/1.1 413 Payload Too Large");
    expect(sent).toBeLessThan(100 << 20);
    expect(await isServing(api)).toBe(true);
  });
}

/** Bytes that were written before the other side had enough. */
async function sendUntilCut({ socket }: RawConnection, chunk: string): Promise<number> {
  let sent = 0;
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  while (!socket.destroyed && sent < 200 << 20) {
    sent += chunk.length;
    if (socket.write(chunk)) continue;
    await Promise.race([closed, new Promise<void>((resolve) => void socket.once("drain", resolve))]);
  }
  return sent;
}

async function isServing(api: MemoryApi): Promise<boolean> {
  return (await api.request("GET", "/_ping")).status === 200;
}
