// Attach by web socket at a real daemon: a terminal's conversation, and a reader that is slow.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { create, inspect, start, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { RawConnection } from "../support/memory-api.ts";
import { maskedFrame, saidBy, serverFrames, webSocketHead } from "../support/web-socket-client.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
});

afterAll(() => daemon[Symbol.asyncDispose]());

const quiet = { NetworkMode: "none" };

async function attach(id: string, query: string): Promise<RawConnection> {
  const connection = await RawConnection.open(daemon.place.socket);
  connection.send(webSocketHead(`/containers/${id}/attach/ws?stream=1&${query}`));
  await connection.until("\r\n\r\n");
  return connection;
}

async function untilSaid(connection: RawConnection, words: string): Promise<void> {
  while (!saidBy(connection).includes(words)) await new Promise((settle) => connection.socket.once("data", settle));
}

test("a shell with a terminal is talked to and left by the detach keys, and lives on", async () => {
  const id = await startNew(daemon, { Cmd: ["sh"], Tty: true, OpenStdin: true, HostConfig: quiet });
  const connection = await attach(id, "stdin=1&stdout=1&stderr=1");
  connection.send(maskedFrame(2, Buffer.from("echo $((40+2))\n")));
  await untilSaid(connection, "42");
  connection.send(maskedFrame(1, Uint8Array.of(16, 17)));
  expect(serverFrames(await connection.toEnd()).at(-1)).toEqual({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) });
  expect((await inspect(daemon, id)).State.Running).toBe(true);
  const events = await (
    await daemon.request(`/events?until=${(Date.now() + 2) / 1000}&filters=${encodeURIComponent(`{"container":["${id}"]}`)}`)
  ).text();
  expect([...events.matchAll(/"Action":"(\w+)"/g)].map(([, action]) => action)).toEqual(["create", "start", "attach", "detach"]);
});

test("a reader that is slow loses nothing", async () => {
  const id = await create(daemon, { Cmd: ["seq", "1", "400000"], HostConfig: quiet });
  const connection = await attach(id, "stdout=1&stderr=1");
  connection.socket.pause();
  await start(daemon, id);
  for (let round = 0; round < 20; round += 1) await (await daemon.request("/_ping")).text();
  connection.socket.resume();
  await connection.toEnd();
  const lines = saidBy(connection).split("\n");
  expect([lines.length, lines[0], lines.at(-2)]).toEqual([400_001, "1", "400000"]);
});
