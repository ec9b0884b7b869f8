// Part of what test/api/fuzzed-routes.test.ts asks, of a real daemon: the same process behind it, and no failure of its own in the log.
import { expect, test } from "bun:test";
import { call, list, removeForced, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { send } from "../docker-table/http-client.ts";
import { hostileRequests, isDockers500 } from "../support/hostile-requests.ts";
import { loadImage } from "../support/images.ts";

/** One request of so many, another one of each route each time. */
const stride = 7;

/** A running container called fuzz, whatever the request before did to it. */
async function ensureFuzz(daemon: TestDaemon): Promise<void> {
  const named = encodeURIComponent('{"name":["^/fuzz$"],"status":["running"]}');
  const running = (await (await call(daemon, `/containers/json?filters=${named}`)).json()) as readonly unknown[];
  if (running.length > 0) return;
  await (await daemon.request("/containers/fuzz?force=1", { method: "DELETE" })).text();
  if (!(await daemon.request("/images/busybox/json")).ok) await loadImage(daemon.place.socket, "busybox");
  await startNew(daemon, { Cmd: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"] }, "fuzz");
}

test("no wrong value in any place ends the daemon or makes it fail", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const { pid } = daemon;
  const foreign: unknown[] = [];
  let number = 0;
  for (const { route, title, method, path, body } of hostileRequests({ container: "fuzz", image: "busybox", exec: "absent" })) {
    number += 1;
    // A name without a host would be asked for on the internet.
    if (number % stride !== 0 || title.includes("?fromImage") || route === "login") continue;
    if (method !== "GET") await ensureFuzz(daemon);
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const asked = { method, path, headers, headOnly: true, ...(body !== undefined && { body }) };
    const reply = await send(daemon.place.socket, asked, 30_000).reply;
    const text = reply.body.toString();
    if (reply.status >= 500 && reply.status !== 501 && !isDockers500(text)) foreign.push([title, reply.status, text.slice(0, 300)]);
  }
  expect(foreign).toEqual([]);
  expect(number / stride).toBeGreaterThan(500);
  expect(daemon.log.split("\n").filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect({ pid: daemon.pid, ping: (await daemon.request("/_ping")).status }).toEqual({ pid, ping: 200 });
  for (const id of await list(daemon, true)) await removeForced(daemon, id);
}, 120_000);
