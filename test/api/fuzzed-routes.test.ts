// Every parameter and every field, times every wrong value: a refusal or an answer, never a failure of ours.
import { expect, test } from "bun:test";
import { routes, type RouteName } from "#wire";
import { send } from "../docker-table/http-client.ts";
import { hostileRequests, isDockers500, type HostileRequest } from "../support/hostile-requests.ts";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

const spec = { Image: "busybox", Cmd: ["sleep"], Labels: { a: "b" } };

/** An image and a running container called fuzz, whatever the request before did to them. */
async function ensureObjects(api: MemoryApi): Promise<void> {
  const { containers, images } = api.engine;
  if (images.list({ reference: ["busybox"] }).length === 0) api.engine.addImage("busybox", ["sleep"]);
  if (!containers.list({ all: false, filters: {} }).some(({ container }) => container.name === "fuzz")) {
    await api.request("DELETE", "/containers/fuzz?force=1");
    await api.request("POST", "/containers/create?name=fuzz", spec);
    await api.request("POST", "/containers/fuzz/start");
  }
}

async function newExec(api: MemoryApi): Promise<string> {
  const made = await api.request("POST", "/containers/fuzz/exec", { Cmd: ["sleep"] });
  return (made.json() as { readonly Id: string }).Id;
}

async function ask(api: MemoryApi, { method, path, body }: HostileRequest): Promise<{ readonly status: number; readonly text: string }> {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const reply = await send(api.socket, { method, path, headers, headOnly: true, ...(body !== undefined && { body }) }).reply;
  return { status: reply.status, text: reply.body.toString() };
}

test("no wrong value in any place makes a failure that Docker does not have", async () => {
  await using api = await openMemoryApi();
  const foreign: unknown[] = [];
  let seen = 0;
  const asked = new Map<RouteName, number>();
  for (const request of hostileRequests({ container: "fuzz", image: "busybox", exec: "EXEC" })) {
    await ensureObjects(api);
    const path = request.path.includes("EXEC") ? request.path.replace("EXEC", await newExec(api)) : request.path;
    const { status, text } = await ask(api, { ...request, path });
    asked.set(request.route, (asked.get(request.route) ?? 0) + 1);
    const isRefusal = status < 500 || status === 501 || (status === 500 && isDockers500(text));
    const logged = api.failures.slice(seen);
    seen = api.failures.length;
    if (!isRefusal || logged.length > 0) foreign.push([request.title, status, text.slice(0, 200), ...logged]);
  }
  expect(foreign).toEqual([]);
  expect(
    Object.keys(routes).filter((name) => Object.keys(routes[name as RouteName].query).length > 0 && !asked.has(name as RouteName)),
  ).toEqual([]);
  expect([...asked.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(4_000);
  // Nothing reached the prototype of all objects.
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect("polluted" in {}).toBe(false);
  expect((await api.request("GET", "/_ping")).text).toBe("OK");
}, 60_000);
