// I19, E13: many clients that want the same thing at once. One gets it, the others are told why not, nothing is left half done.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { join } from "node:path";
import { call, create, inspect, list, removeForced } from "../support/container-calls.ts";
import { raceRounds } from "../support/race-rounds.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { projectRoot } from "../support/tools.ts";

let settled: SettledDaemon;

beforeAll(async () => {
  settled = await startSettledDaemon({
    // Connections and worker threads that a crowd brings up stay.
    settle: async (daemon) =>
      void (await Promise.all(Array.from({ length: 40 }, () => create(daemon, {}).then((id) => removeForced(daemon, id))))),
  });
}, 60_000);

afterAll(() => settled[Symbol.asyncDispose](), 60_000);

afterEach(async () => {
  for (const id of await list(settled.daemon, true)) await removeForced(settled.daemon, id);
  expect(await settled.leaks()).toEqual([]);
}, 60_000);

async function statusesOf(count: number, path: string, init: RequestInit): Promise<Readonly<Record<number, number>>> {
  const statuses: Record<number, number> = {};
  await Promise.all(
    Array.from({ length: count }, async () => {
      const reply = await settled.daemon.request(path, init);
      await reply.text();
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    }),
  );
  return statuses;
}

test("I19 of 200 creates of one name one wins, and the others leave no debris", async () => {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ Image: "busybox" }) };
  expect(await statusesOf(200, "/containers/create?name=wanted", init)).toEqual({ 201: 1, 409: 199 });
  expect(await list(settled.daemon, true)).toHaveLength(1);
}, 60_000);

test("I19 of 100 starts one starts it, and the others find it started", async () => {
  const { daemon } = settled;
  const id = await create(daemon, { Cmd: ["sleep", "1000"] });
  expect(await statusesOf(100, `/containers/${id}/start`, { method: "POST" })).toEqual({ 204: 1, 304: 99 });
  expect((await inspect(daemon, id)).State).toMatchObject({ Status: "running" });
}, 60_000);

test("I19 removals, starts, stops, execs, pauses, renames and prunes in each other's way: no failure of ours", async () => {
  const report = await raceRounds(settled.daemon, { rounds: 200, seed: 19 });
  expect(report.failures).toEqual([]);
  // A race that nobody wins proves nothing.
  expect(Object.keys(report.statuses)).toEqual(expect.arrayContaining(["200", "201", "204", "404", "409"]));
}, 120_000);

test("E13 loads, tags and removals of one reference at once leave an image that is whole or gone", async () => {
  const { daemon } = settled;
  const archive = await busyboxArchive(join(projectRoot, ".cache"));
  const asks: readonly (readonly [method: string, path: string, body?: Uint8Array])[] = [
    ["POST", "/images/load", archive],
    ["POST", "/images/busybox/tag?repo=raced&tag=a"],
    ["POST", "/images/hello-world/tag?repo=raced&tag=a"],
    ["DELETE", "/images/raced:a"],
    ["DELETE", "/images/busybox:latest?force=1"],
  ];
  const failures: string[] = [];
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const [method, path, body] = asks[index % asks.length] ?? ["GET", "/_ping"];
      const reply = await daemon.request(path, {
        method,
        ...(body !== undefined && { body, headers: { "content-type": "application/x-tar" } }),
      });
      const text = await reply.text();
      if (reply.status >= 500 || (body !== undefined && text.includes('"error"')))
        failures.push(`${method} ${path}: ${reply.status} ${text}`);
    }),
  );
  expect(failures).toEqual([]);
  await (await call(daemon, "/images/load", { method: "POST", body: archive, headers: { "content-type": "application/x-tar" } })).text();
  const id = await create(daemon, { Cmd: ["true"] });
  expect((await daemon.gantry(["start", "-a", id])).code).toBe(0);
}, 120_000);
