import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { guardVerbs, type Policy, type Verbs } from "#engine";
import { routes, type RouteName } from "#wire";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

/** Routes that call no verb: they tell nothing that a closed door does not tell. */
const silent: readonly RouteName[] = ["ping", "pingHead", "pluginList", "networkPrune", "volumePrune", "buildPrune"];

/** What a route needs beside its path, to come as far as its verb. */
const bodies: Partial<Record<RouteName, { readonly query?: string; readonly body?: unknown }>> = {
  containerCreate: { body: { Image: "busybox" } },
  containerRename: { query: "name=shop" },
  volumeRename: { query: "name=shop" },
  volumeClone: { query: "name=shop" },
  containerResize: { query: "h=1&w=1" },
  containerLogs: { query: "stdout=1" },
  containerPathStatus: { query: "path=/etc" },
  containerReadPath: { query: "path=/etc" },
  containerWritePath: { query: "path=/etc" },
  execCreate: { body: { Cmd: ["true"] } },
  execStart: { body: { Detach: true } },
  execResize: { query: "h=1&w=1" },
  imageTag: { query: "repo=shop&tag=1" },
  imageLoad: { body: {} },
  login: { body: {} },
  imageCreate: { query: "fromImage=busybox&tag=1" },
  containerAttach: { query: "stream=1&stdout=1" },
};

/** Asks for every route there is; gives those whose answer came without a question to the policy. */
async function unasked(api: MemoryApi, asked: () => number): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of Object.keys(routes) as RouteName[]) {
    const { method, path } = routes[name];
    const { query = "", body } = bodies[name] ?? {};
    const before = asked();
    // A policy that says no ends each request, streams as well.
    await api.request(method, `${path.replace(/\{\w+\}/, "web")}?${query}`, body);
    if (asked() === before && !silent.includes(name)) missing.push(name);
  }
  return missing;
}

describe("allow", () => {
  test("is asked by every route", async () => {
    const asked: string[] = [];
    const policy: Policy = (_caller, verb) => asked.push(verb) < 0;
    await using api = await openMemoryApi({ policy });
    expect(await unasked(api, () => asked.length)).toEqual([]);
  });

  test("finds a route that reaches its verb without asking", async () => {
    let asked = 0;
    const policy: Policy = () => {
      asked += 1;
      return false;
    };
    await using api = await openMemoryApi({
      verbsFor: (engine) => (caller) => ({ ...guardVerbs(engine, caller, { policy, audit: () => undefined }), images: engine.images }),
    });
    expect(await unasked(api, () => asked)).toEqual(expect.arrayContaining(["imageList", "imageInspect", "imageTag", "imageCreate"]));
  });

  test("that says no is a 403 which names verb and caller, and nothing happens", async () => {
    const policy: Policy = (_caller, verb, subject) => !(verb === "containers.remove" && subject.name === "web");
    await using api = await openMemoryApi({ policy });
    await api.request("POST", "/containers/create?name=web", { Image: "busybox" });
    const refused = await api.request("DELETE", "/containers/web");
    expect([refused.status, refused.json()]).toEqual([403, { message: "containers.remove is not allowed to in-process" }]);
    expect((await api.request("GET", "/containers/web/json")).status).toBe(200);
  });

  test("sees the whole request, as the verb gets it", async () => {
    const seen: unknown[] = [];
    const policy: Policy = (_caller, verb, subject) => {
      if (verb === "containers.create") seen.push(...subject.request);
      return true;
    };
    await using api = await openMemoryApi({ policy });
    const body = { Image: "busybox", Env: ["A=b"], HostConfig: { Privileged: true } };
    await api.request("POST", "/containers/create?name=web", body);
    expect(seen).toMatchObject([{ name: "web", spec: { env: ["A=b"], host: { privileged: true } } }]);
  });
});

describe("a policy that forbids privilege (E04)", () => {
  const body = JSON.stringify({ Image: "busybox", HostConfig: { Privileged: true } });
  const head = (...lines: readonly string[]): string =>
    ["POST /containers/create HTTP/1.1", "Host: docker", "Content-Type: application/json", ...lines, "", ""].join("\r\n");
  const chunked = (text: string): string =>
    text
      .split("")
      .map((character) => `1\r\n${character}\r\n`)
      .join("") + "0\r\n\r\n";
  const sized = (text: string): string => head(`Content-Length: ${text.length}`) + text;
  const upgrade = ["Connection: Upgrade", "Upgrade: tcp"];

  const forbidding: Policy = (_caller, verb, { request }) => {
    if (verb !== "containers.create") return true;
    const [{ spec }] = request as Parameters<Verbs["containers"]["create"]>;
    return !spec.host.privileged;
  };

  for (const [what, sent, status] of [
    ["sent whole", sized(body), 403],
    ["sent byte by byte", head("Transfer-Encoding: chunked") + chunked(body), 403],
    ["said twice", sized(`{"HostConfig":{"Privileged":false},${body.slice(1)}`), 403],
    ["spelled otherwise", sized(body.replace("HostConfig", "hostconfig")), 403],
    ["sent with an upgrade", head(...upgrade, `Content-Length: ${body.length}`) + body, 403],
    ["chunked behind an upgrade", head(...upgrade, "Transfer-Encoding: chunked") + chunked(body), 403],
    ["behind a length of 0", head("Content-Length: 0") + body, 400],
    ["packed", head("Content-Encoding: gzip", `Content-Length: ${gzipSync(body).length}`) + gzipSync(body).toString("latin1"), 400],
    ["behind 4 MiB of nothing", head(`Content-Length: ${(4 << 20) + 1}`) + body, 413],
  ] as const) {
    test(`is not deceived by a body that is ${what}`, async () => {
      await using api = await openMemoryApi({ policy: forbidding });
      await using connection = await api.connect();
      connection.send(Buffer.from(sent, "latin1"));
      expect(await connection.until("\r\n\r\n")).toStartWith(`HTTP/1.1 ${status} `);
      expect((await api.request("GET", "/containers/json?all=1")).json()).toEqual([]);
    });
  }

  test("lets the same body pass without the privilege", async () => {
    await using api = await openMemoryApi({ policy: forbidding });
    expect((await api.request("POST", "/containers/create", { Image: "busybox", HostConfig: { Privileged: false } })).status).toBe(201);
  });
});

describe("the audit", () => {
  test("has a line for each call that changes something, and none for one that looks", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create?name=web", { Image: "busybox", Cmd: ["true"], Env: ["PASSWORD=MARKER"] });
    await api.request("GET", "/containers/json");
    await api.request("POST", "/containers/web/start");
    await api.request("POST", "/containers/nope/start");
    await api.request("POST", "/images/create?fromImage=busybox&tag=latest");
    expect(api.audited.map(({ caller, verb, subject, outcome }) => [caller, verb, subject, outcome])).toEqual([
      ["in-process", "containers.create", "web", "done"],
      ["in-process", "containers.start", "web", "done"],
      ["in-process", "containers.start", "nope", "not-found"],
      ["in-process", "images.pull", expect.stringContaining("busybox"), "done"],
    ]);
    expect(api.audited.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(JSON.stringify(api.audited)).not.toContain("MARKER");
  });

  test("has a line for what was denied", async () => {
    await using api = await openMemoryApi({ policy: () => false });
    await api.request("POST", "/containers/web/start");
    expect(api.audited).toMatchObject([{ verb: "containers.start", subject: "web", outcome: "denied" }]);
  });
});
