// Values that a language loses or trips over: integers beyond a double, names of the prototype, texts that slow patterns down.
import { describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

const filters = (wanted: Readonly<Record<string, readonly string[]>>): string => `filters=${encodeURIComponent(JSON.stringify(wanted))}`;

async function createRaw(api: MemoryApi, body: string): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("http://docker/containers/create", { unix: api.socket, method: "POST", body, headers });
  return { status: response.status, text: await response.text() };
}

describe("an integer", () => {
  test.each([
    ["Memory", '{"HostConfig":{"Memory":9007199254740993}'],
    ["NanoCpus", '{"HostConfig":{"NanoCpus":9223372036854775807}'],
    ["StopTimeout", '{"StopTimeout":9007199254740993'],
    ["PidsLimit", '{"HostConfig":{"PidsLimit":-9007199254740993}'],
    ["Interval", '{"Healthcheck":{"Interval":9007199254740993}'],
    ["Ulimits", '{"HostConfig":{"Ulimits":[{"Name":"nofile","Soft":9007199254740993}]}'],
  ])("that a double would round is refused by name: %s", async (field, start) => {
    await using api = await openMemoryApi();
    const { status, text } = await createRaw(api, `${start},"Image":"busybox"}`);
    expect([status, text]).toEqual([400, expect.stringContaining(field)]);
  });

  test("that a double holds comes back as it was", async () => {
    await using api = await openMemoryApi();
    const { status, text } = await createRaw(api, '{"Image":"busybox","HostConfig":{"Memory":9007199254740991}}');
    expect(status).toBe(201);
    const { Id: id } = JSON.parse(text) as { readonly Id: string };
    expect((await api.request("GET", `/containers/${id}/json`)).text).toContain('"Memory":9007199254740991');
  });

  test("in a query is exact or refused", async () => {
    await using api = await openMemoryApi();
    for (const limit of ["9007199254740993", "9".repeat(400), "0x10", "1e3"]) {
      const reply = await api.request("GET", `/containers/json?limit=${limit}`);
      expect([limit, reply.status]).toEqual([limit, 500]);
    }
  });
});

describe("names of the prototype", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];

  test("are labels and variables like others", async () => {
    await using api = await openMemoryApi();
    const labels = names.map((name) => `${JSON.stringify(name)}:"mine"`).join(",");
    const env = names.map((name) => JSON.stringify(`${name}=mine`)).join(",");
    const { status, text } = await createRaw(api, `{"Image":"busybox","Labels":{${labels}},"Env":[${env}]}`);
    expect(status).toBe(201);
    const { Id: id } = JSON.parse(text) as { readonly Id: string };
    const inspected = await api.request("GET", `/containers/${id}/json`);
    expect(inspected.text).toContain(`"Labels":{${labels}}`);
    expect(inspected.text).toContain(env);
    for (const name of names) {
      const found = (await api.request("GET", `/containers/json?all=1&${filters({ label: [`${name}=mine`] })}`)).json() as unknown[];
      expect([name, found.length]).toEqual([name, 1]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("find nothing where nobody has them", async () => {
    await using api = await openMemoryApi();
    await api.request("POST", "/containers/create", { Image: "busybox", Labels: { a: "b" } });
    for (const name of names) {
      expect((await api.request("GET", `/containers/json?all=1&${filters({ label: [name] })}`)).json()).toEqual([]);
      expect((await api.request("GET", `/containers/${name}/json`)).status).toBe(404);
      expect((await api.request("GET", `/containers/json?${filters({ [name]: ["x"] })}`)).status).toBe(400);
    }
    const merged = await createRaw(api, '{"__proto__":{"Image":"busybox"},"constructor":{"prototype":{"x":1}}}');
    expect(merged.status).toBe(400);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

// A pattern that looks at such a text again for each of its characters would take minutes.
describe("100 kB of", () => {
  const hostile = ["a", "a/", "a:", "a@", "-", ".", "_", " ", "\t", "/", "(", "*", "a.", "0", "sha256:", "=", ",", "ctrl-", "\\", "9"];

  test.each(hostile)("%j is answered in a breath wherever a text is read", async (piece) => {
    await using api = await openMemoryApi();
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    const ends = [text, `${text}!`, `a${text}\n`].map(encodeURIComponent);
    for (const end of ends) {
      for (const [method, path] of [
        ["GET", `/images/${end}/json`],
        ["POST", `/images/busybox/tag?repo=${end}&tag=${end}`],
        ["POST", `/images/create?fromImage=${end}&platform=${end}`],
        ["POST", `/containers/nope/rename?name=${end}`],
        ["POST", `/containers/nope/attach?detachKeys=${end}`],
        ["GET", `/containers/json?filters=${end}`],
        ["GET", `/events?until=1&since=${end}`],
        ["GET", `/${end}`],
      ] as const) {
        const reply = await api.request(method, path);
        expect([path.slice(0, 30), reply.status < 502]).toEqual([path.slice(0, 30), true]);
      }
    }
    for (const key of ["name", "reference", "label", "id", "ancestor", "publish", "expose", "until"]) {
      const wanted = filters({ [key]: [text] });
      for (const path of ["/containers/json", "/images/json"])
        expect((await api.request("GET", `${path}?all=1&${wanted}`)).status).toBeLessThan(502);
    }
    const fields = {
      Image: "busybox",
      Env: [text],
      WorkingDir: text,
      StopSignal: text,
      HostConfig: { Binds: [text], PortBindings: { [text]: [] } },
    };
    for (const [field, value] of Object.entries(fields)) {
      const reply = await api.request("POST", "/containers/create", { Image: "busybox", [field]: field === "Image" ? text : value });
      expect([field, [201, 400, 404, 500, 501].includes(reply.status)]).toEqual([field, true]);
    }
    expect(api.failures).toEqual([]);
  });
});
