// Pause, unpause, top and stats on the wire, as Docker 28.5.2 answers them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi, type Reply } from "../support/memory-api.ts";

let api: MemoryApi;
beforeAll(async () => {
  api = await openMemoryApi();
});
afterAll(async () => {
  expect(api.failures).toEqual([]);
  await api[Symbol.asyncDispose]();
});

async function create(name: string): Promise<string> {
  const reply = await api.request("POST", `/containers/create?name=${name}`, { Image: "busybox", Cmd: ["sleep"] });
  return (reply.json() as { readonly Id: string }).Id;
}

async function start(name: string): Promise<string> {
  const id = await create(name);
  await api.request("POST", `/containers/${id}/start`);
  return id;
}

async function answer(method: string, path: string, body?: unknown): Promise<[status: number, message: string]> {
  const reply = await api.request(method, path, body);
  return [reply.status, reply.text === "" ? "" : String((reply.json() as { readonly message?: string }).message)];
}

describe("pause and unpause", () => {
  test("answer by status and words", async () => {
    const id = await create("still");
    expect(await answer("POST", "/containers/still/pause")).toEqual([409, `container ${id} is not running`]);
    expect(await answer("POST", "/containers/still/unpause")).toEqual([500, `Container ${id} is not paused`]);
    expect(await answer("POST", "/containers/nope/pause")).toEqual([404, "No such container: nope"]);
    await api.request("POST", "/containers/still/start");
    expect((await api.request("POST", "/containers/still/pause")).status).toBe(204);
    expect(await answer("POST", "/containers/still/pause")).toEqual([409, `Container ${id} is already paused`]);
    expect((await api.request("POST", "/containers/still/unpause")).status).toBe(204);
  });

  test("are seen by every other verb", async () => {
    const id = await start("frozen");
    await api.request("POST", `/containers/${id}/pause`);
    const inspected = (await api.request("GET", "/containers/frozen/json")).json() as { readonly State: object };
    expect(inspected.State).toMatchObject({ Status: "paused", Running: true, Paused: true, Pid: 42 });
    const listed = (await api.request("GET", "/containers/json")).json() as readonly { readonly State: string; readonly Status: string }[];
    expect(listed.find(({ State }) => State === "paused")?.Status).toMatch(/^Up .* \(Paused\)$/);
    expect((await api.request("GET", "/info")).json()).toMatchObject({ ContainersPaused: 1 });
    expect(await answer("POST", "/containers/frozen/start")).toEqual([409, "cannot start a paused container, try unpause instead"]);
    expect(await answer("POST", "/containers/frozen/exec", { Cmd: ["true"] })).toEqual([
      409,
      "Container frozen is paused, unpause the container before exec",
    ]);
    expect(await answer("DELETE", "/containers/frozen")).toEqual([
      409,
      'cannot remove container "frozen": container is paused and must be unpaused first',
    ]);
    const attached = await api.request("POST", "/containers/frozen/attach?stream=1&stdout=1");
    expect([attached.status, attached.text]).toEqual([409, "container frozen is paused, unpause the container before attach\r\n"]);
    await api.request("DELETE", "/containers/frozen?force=1");
  });
});

describe("top", () => {
  test("has titles and rows, null when there are none of ours, and refuses what ps cannot do", async () => {
    const id = await create("topped");
    expect(await answer("GET", "/containers/topped/top")).toEqual([409, `container ${id} is not running`]);
    await api.request("POST", `/containers/${id}/start`);
    expect((await api.request("GET", "/containers/topped/top")).text).toBe('{"Processes":[["42","sleep 1000"]],"Titles":["PID","CMD"]}\n');
    expect((await api.request("GET", "/containers/topped/top?ps_args=empty")).text).toBe('{"Processes":null,"Titles":["PID","CMD"]}\n');
    expect(await answer("GET", "/containers/topped/top?ps_args=-o%20cmd")).toEqual([500, "Couldn't find PID field in ps output"]);
  });
});

/** The keys in the order of the wire, which some clients show as it is. */
function layout(reply: Reply): string[] {
  return Object.keys(reply.json() as object);
}

const zeroCpu = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};
const zeroTime = "0001-01-01T00:00:00Z";
const fields = "read preread pids_stats blkio_stats num_procs storage_stats cpu_stats precpu_stats memory_stats".split(" ");

describe("stats", () => {
  test("of a container that does not run are zero", async () => {
    const id = await create("idle");
    const reply = await api.request("GET", "/containers/idle/stats?stream=false");
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(layout(reply)).toEqual(["name", "id", ...fields]);
    expect(reply.json()).toMatchObject({
      name: "/idle",
      id,
      read: zeroTime,
      preread: zeroTime,
      pids_stats: {},
      blkio_stats: { io_service_bytes_recursive: null, sectors_recursive: null },
      cpu_stats: zeroCpu,
      precpu_stats: zeroCpu,
      memory_stats: {},
    });
    expect((await api.request("GET", "/containers/idle/stats?stream=0&one-shot=1")).text).toBe(reply.text);
  });

  test("without stream are the second reading, with the first one beside it", async () => {
    await start("counted");
    const reply = await api.request("GET", "/containers/counted/stats?stream=0");
    expect(layout(reply)).toEqual(["name", "id", ...fields, "networks"]);
    expect(reply.json()).toMatchObject({
      pids_stats: { current: 1 },
      cpu_stats: { cpu_usage: { total_usage: 33_808_669 }, online_cpus: 2 },
      precpu_stats: { cpu_usage: { total_usage: 33_808_669 }, online_cpus: 2 },
      memory_stats: { usage: 688_128, stats: { inactive_file: 4096 }, limit: 4_000_000_000 },
      networks: { eth0: { rx_bytes: 646, tx_dropped: 0 } },
    });
    expect(reply.text).not.toContain(`"preread":"${zeroTime}"`);
  });

  test("one-shot are one reading without names; it is unknown below 1.41", async () => {
    await start("once");
    const reply = await api.request("GET", "/containers/once/stats?stream=0&one-shot=1");
    expect(layout(reply)).toEqual([...fields, "networks"]);
    expect(reply.json()).toMatchObject({ preread: zeroTime, precpu_stats: zeroCpu });
    expect(layout(await api.request("GET", "/v1.40/containers/once/stats?stream=0&one-shot=1"))[0]).toBe("name");
    expect(await answer("GET", "/containers/once/stats?one-shot=1")).toEqual([400, "cannot have stream=true and one-shot=true"]);
  });

  test("keep the last digits of counters that a double does not hold", async () => {
    await start("exact");
    const { text } = await api.request("GET", "/containers/exact/stats?stream=0&one-shot=1");
    expect(text).toContain('"limit":18446744073709551615');
    expect(text).toContain('"system_cpu_usage":9007199254740993');
  });

  test("stream lines, each with the one before it", async () => {
    await start("followed");
    const reply = await api.request("GET", "/containers/followed/stats");
    expect(reply.headers.get("content-type")).toBeNull();
    const lines = reply.text.trimEnd().split("\n");
    const [first, second] = lines.map((line) => JSON.parse(line) as { readonly read: string; readonly preread: string });
    expect([lines.length, first?.preread, second?.preread]).toEqual([2, zeroTime, first?.read ?? ""]);
  });

  test("of a container that is not there are refused", async () => {
    expect(await answer("GET", "/containers/nope/stats")).toEqual([404, "No such container: nope"]);
  });
});
