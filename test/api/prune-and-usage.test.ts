import { describe, expect, test } from "bun:test";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

async function create(api: MemoryApi, name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const reply = await api.request("POST", `/containers/create?name=${name}`, { Image: "busybox", Cmd: ["true"], Labels: labels });
  return (reply.json() as { readonly Id: string }).Id;
}

const withFilters = (path: string, filters: object): string => `${path}?filters=${encodeURIComponent(JSON.stringify(filters))}`;

describe("POST /containers/prune", () => {
  test("tells what went, and null when nothing did", async () => {
    await using api = await openMemoryApi();
    const id = await create(api, "old", { a: "b" });
    await create(api, "kept");
    const pruned = await api.request("POST", withFilters("/containers/prune", { label: ["a=b"] }));
    expect([pruned.status, pruned.json()]).toEqual([200, { ContainersDeleted: [id], SpaceReclaimed: 4096 }]);
    const again = await api.request("POST", withFilters("/containers/prune", { label: ["a=b"] }));
    expect(again.json()).toEqual({ ContainersDeleted: null, SpaceReclaimed: 0 });
  });

  // What Docker 28.5.2 answers.
  test.each([
    ["containers", { bad: ["x"] }, "invalid filter 'bad'"],
    ["containers", { until: ["x"] }, 'failed to parse value as time or duration: "x"'],
    ["containers", { until: ["1h", "2h"] }, "more than one until filter specified"],
    ["images", { dangling: ["x"] }, "invalid filter 'dangling=[x]'"],
    ["volumes", { until: ["1h"] }, "invalid filter 'until'"],
    ["networks", { bad: ["1h"] }, "invalid filter 'bad'"],
    ["build", { bad: ["x"] }, "failed to prune build cache: invalid filter 'bad'"],
  ])("of %s refuses %j", async (kind, filters, message) => {
    await using api = await openMemoryApi();
    const reply = await api.request("POST", withFilters(`/${kind}/prune`, filters));
    expect([reply.status, reply.json()]).toEqual([400, { message }]);
  });

  test.each([
    ["images", { ImagesDeleted: null, SpaceReclaimed: 0 }],
    ["networks", { NetworksDeleted: null }],
    ["volumes", { VolumesDeleted: [], SpaceReclaimed: 0 }],
    ["build", { CachesDeleted: null, SpaceReclaimed: 0 }],
  ])("of %s has nothing to do", async (kind, body) => {
    await using api = await openMemoryApi();
    expect((await api.request("POST", `/${kind}/prune`)).json()).toEqual(body);
  });
});

describe("GET /system/df", () => {
  test("has what was asked for, and null for the rest", async () => {
    await using api = await openMemoryApi();
    const id = await create(api, "one");
    const all = (await api.request("GET", "/system/df")).json();
    expect(all).toMatchObject({
      LayersSize: 3405,
      Images: [{ RepoTags: ["busybox:latest"], SharedSize: 0, Size: 3000 }],
      Containers: [{ Id: id, SizeRw: 4096, SizeRootFs: 6096, Status: "Created" }],
      Volumes: [],
      BuildCache: [],
    });
    const some = (await api.request("GET", "/system/df?type=container&type=volume")).json();
    expect(some).toMatchObject({ LayersSize: 0, Images: null, Containers: [{ Id: id }], Volumes: [], BuildCache: null });
  });

  test("refuses a kind that there is not, which clients before 1.42 could not ask for", async () => {
    await using api = await openMemoryApi();
    const reply = await api.request("GET", "/system/df?type=x");
    expect([reply.status, reply.json()]).toEqual([400, { message: "unknown object type: x" }]);
    const old = (await api.request("GET", "/v1.41/system/df?type=x")).json();
    expect(old).toMatchObject({ Images: [{ VirtualSize: 3000 }], Volumes: [] });
  });
});
