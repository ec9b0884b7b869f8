import { describe, expect, test } from "bun:test";
import { containerOf, labelled } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import type { ContainerFilters } from "../verbs.ts";
import { listContainers } from "./list.ts";
import { Roster } from "./roster.ts";
import { Sandboxes } from "./sandboxes.ts";

const exit = { code: 0, at: 9n, oomKilled: false };
const web = containerOf({
  id: `aa${"0".repeat(62)}`,
  name: "web",
  created: 1n,
  spec: labelled({ tier: "front", __proto__x: "1" }),
  state: { status: "running", pid: 1, monitorPid: 2, startedAt: 3n, stopRequested: false },
});
const worker = containerOf({ id: `ab${"0".repeat(62)}`, name: "web-worker", created: 2n, spec: labelled({ tier: "back" }) });
const done = containerOf({ id: `bc${"0".repeat(62)}`, name: "done", created: 3n, state: { status: "exited", exit, startedAt: 2n } });

async function names(query: { readonly all?: boolean; readonly limit?: number; readonly filters?: ContainerFilters }): Promise<string[]> {
  const roster = new Roster(new MemoryTable());
  for (const container of [web, worker, done]) {
    roster.reserve(container);
    await roster.add(container);
  }
  const needs = {
    roster,
    sandboxes: new Sandboxes(new MemoryTable()),
    fabric: { bridge: undefined } as never,
    rootfs: { folder: (id: string) => `/containers/${id}` } as never,
    execIds: () => [],
    layerDriver: "directory",
  };
  const { all = false, filters = {}, limit } = query;
  return listContainers(needs, { all, filters, ...(limit !== undefined && { limit }) }).map(({ container }) => container.name);
}

describe("listContainers()", () => {
  test("shows what runs, and everything newest first when asked", async () => {
    expect(await names({})).toEqual(["web"]);
    expect(await names({ all: true })).toEqual(["done", "web-worker", "web"]);
  });

  test("counts a limit over everything, as Docker does", async () => {
    expect(await names({ limit: 2 })).toEqual(["done", "web-worker"]);
  });

  test.each([
    [{ id: ["a"] }, ["web-worker", "web"]],
    [{ name: ["web"] }, ["web-worker", "web"]],
    [{ name: ["^/web$"] }, ["web"]],
    [{ name: ["("] }, []],
    [{ label: ["tier"] }, ["web-worker", "web"]],
    [{ label: ["tier=back"] }, ["web-worker"]],
    [{ label: ["tier", "tier=front"] }, ["web"]],
    [{ label: ["toString"] }, []],
    [{ status: ["exited", "created"] }, ["done", "web-worker"]],
    [{ id: ["aa"], name: ["done"] }, []],
  ] satisfies [ContainerFilters, string[]][])("filters by %j", async (filters, expected) => {
    expect(await names({ all: true, filters })).toEqual(expected);
  });

  test("lets a status filter reach what does not run, without all", async () => {
    expect(await names({ filters: { status: ["exited"] } })).toEqual(["done"]);
  });
});
