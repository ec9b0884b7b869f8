import { expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

async function created(api: MemoryApi, host: object): Promise<readonly [number, string]> {
  const reply = await api.request("POST", "/v1.51/containers/create", { Image: "busybox", Cmd: ["sleep"], HostConfig: host });
  const { message = "" } = reply.json() as { readonly message?: string };
  return [reply.status, message];
}

test("E10 what would take long to count is refused unseen", async () => {
  await using api = await openMemoryApi();
  const many = <Entry>(entry: Entry): Entry[] => Array.from({ length: 80_000 }, () => entry);
  expect(await created(api, { CpusetCpus: "0-2147483647" })).toEqual([
    400,
    "Invalid value 0-2147483647 for cpuset cpus: value of out range, maximum is 8192",
  ]);
  expect((await created(api, { CpusetCpus: many("0-8192").join(",") }))[1]).toEndWith("it is longer than any list of processors");
  expect(await created(api, { Ulimits: many({ Name: "nofile", Soft: 1, Hard: 2 }) })).toEqual([
    400,
    "HostConfig.Ulimits has 80000 entries, 10000 at most",
  ]);
  expect((await created(api, { DeviceCgroupRules: many("c 1:3 r") }))[0]).toBe(400);
  expect(await created(api, { Binds: many("/a:/b") })).toEqual([400, "HostConfig.Binds has 80000 entries, 10000 at most"]);
  expect((await created(api, { Tmpfs: Object.fromEntries(many("").map((_, index) => [`/t${index}`, ""])) }))[0]).toBe(400);
});

test("E10 words that no program can be started with are refused, and bodies that are endless", async () => {
  await using api = await openMemoryApi();
  const ask = async (body: object): Promise<unknown> => {
    const reply = await api.request("POST", "/v1.51/containers/create", { Image: "busybox", ...body });
    return [reply.status, reply.json()];
  };
  const words = Array.from({ length: 700_000 }, () => "a");
  const message = "argument list too long: command and environment have more than the kernel's 6 MiB";
  expect(await ask({ Cmd: words })).toEqual([400, { message }]);
  expect(await ask({ Env: words.slice(0, 600_000).map(() => "a=") })).toEqual([400, { message }]);
  expect(await ask({ Env: words.map(() => "a=12345678") })).toEqual([413, { message: "request body is larger than 4194304 bytes" }]);
});

test("a container that asks for no limit of processes shows none, however that is said", async () => {
  await using api = await openMemoryApi();
  const limits = [undefined, 0, -1, 7].map(async (PidsLimit, index) => {
    await api.request("POST", `/v1.51/containers/create?name=p${index}`, { Image: "busybox", Cmd: ["sleep"], HostConfig: { PidsLimit } });
    const shown = (await api.request("GET", `/v1.51/containers/p${index}/json`)).json() as { HostConfig: Record<string, unknown> };
    return shown.HostConfig["PidsLimit"];
  });
  expect(await Promise.all(limits)).toEqual([null, null, null, 7]);
});

test("an update replaces what it names, tells what it leaves alone, and refuses what contradicts", async () => {
  await using api = await openMemoryApi();
  await api.request("POST", "/v1.51/containers/create?name=one", {
    Image: "busybox",
    Cmd: ["sleep"],
    HostConfig: { Memory: 64 << 20, CpuPeriod: 5000 },
  });
  const update = async (body: object): Promise<unknown> => (await api.request("POST", "/v1.51/containers/one/update", body)).json();
  const inspect = async (): Promise<unknown> => {
    const { HostConfig: host } = (await api.request("GET", "/v1.51/containers/one/json")).json() as {
      readonly HostConfig: Readonly<Record<string, unknown>>;
    };
    return [host["Memory"], host["MemorySwap"], host["PidsLimit"], host["CpuPeriod"], host["MemorySwappiness"]];
  };
  expect(await update({})).toEqual({ Warnings: null });
  expect(await update({ Memory: 32 << 20, PidsLimit: -1, MemorySwappiness: 5 })).toEqual({
    Warnings: ["MemorySwappiness cannot be updated and was ignored"],
  });
  expect(await inspect()).toEqual([32 << 20, 128 << 20, 0, 5000, null]);
  expect(await update({ Memory: 1 })).toEqual({ message: "Minimum memory limit allowed is 6MB" });
  expect(await update({ NanoCpus: 1e9 })).toEqual({
    message: "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
  });
  expect(await update({ RestartPolicy: { Name: "bad" } })).toEqual({
    message: "invalid restart policy: unknown policy 'bad'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  });
  expect((await api.request("POST", "/v1.51/containers/nobody/update", {})).status).toBe(404);
});
