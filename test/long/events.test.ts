import { expect, test } from "bun:test";
import { call, create } from "../support/container-calls.ts";
import { startDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { RawConnection } from "../support/memory-api.ts";

test("L5 1,000 events reach each of 200 listeners, none lost, none twice, in order", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const id = await create(daemon, { HostConfig: { NetworkMode: "none" } }, "first");
  const listeners = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(daemon.place.socket)));
  const filters = encodeURIComponent(JSON.stringify({ event: ["rename"] }));
  for (const listener of listeners) listener.send(`GET /events?filters=${filters} HTTP/1.1\r\nHost: docker\r\n\r\n`);
  await Promise.all(listeners.map((listener) => listener.until("\r\n\r\n")));
  const names = Array.from({ length: 1000 }, (_, index) => `named-${index}`);
  for (const name of names) await (await call(daemon, `/containers/${id}/rename?name=${name}`, { method: "POST" })).text();
  for (const listener of listeners) {
    const seen = await listener.until(`"name":"${names.at(-1)}"`);
    expect([...seen.matchAll(/"name":"(named-\d+)"/g)].map(([, name]) => name)).toEqual(names);
    await listener[Symbol.asyncDispose]();
  }
}, 120_000);
