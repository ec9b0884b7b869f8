// I18, E11: clients that do not read, and clients that leave in the middle. Each costs its own little and nobody else anything.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { call, removeForced, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { RawConnection, upgradeHead } from "../support/memory-api.ts";
import { readSlowly, residentMemory } from "../support/slow-readers.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 30_000);

afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

const descriptors = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;

test("I18 30 readers of a byte a second hold up neither the daemon nor the container whose log they read", async () => {
  const report = await readSlowly(daemon, { readers: 30, stay: 2_500 });
  expect(report.written).toBeGreaterThan(1_000);
  expect(report.pings.length).toBeGreaterThan(5);
  expect(report.most - report.before).toBeLessThan(160 << 20);
}, 60_000);

test("E11 100 attaches that are closed midway, and an exec whose output nobody reads, leave nothing", async () => {
  const id = await startNew(daemon, { Cmd: ["yes"], HostConfig: { LogConfig: { Type: "none" } } });
  const before = { descriptors: descriptors(), memory: residentMemory(daemon.pid) };
  for (let round = 0; round < 10; round += 1) {
    const attached = await Promise.all(Array.from({ length: 10 }, () => RawConnection.open(daemon.place.socket)));
    for (const each of attached) each.send(upgradeHead(`/containers/${id}/attach?stream=1&stdout=1&stdin=1`));
    await Promise.all(attached.map((each) => each.until("y\ny\n")));
    for (const each of attached) each.socket.destroy();
  }
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ Cmd: ["yes"], AttachStdout: true });
  const { Id } = (await (await call(daemon, `/containers/${id}/exec`, { method: "POST", headers: json, body })).json()) as {
    readonly Id: string;
  };
  {
    await using unread = await RawConnection.open(daemon.place.socket);
    unread.socket.pause();
    unread.send(upgradeHead(`/exec/${Id}/start`, "{}"));
    await Bun.sleep(1_000);
    expect(residentMemory(daemon.pid) - before.memory).toBeLessThan(128 << 20);
  }
  await waitFor(() => descriptors() <= before.descriptors + 8, { what: "descriptors of the clients that left", deadline: 30_000 });
  await removeForced(daemon, id);
}, 60_000);
