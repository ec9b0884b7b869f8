import { describe, expect, test } from "bun:test";
import { type Digest, fault } from "#base";
import type { Endpoint } from "#network";
import { containerOf, labelled, plainHost, plainImage } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import type { ContainerFilters, PortRange } from "../verbs.ts";
import { listContainers } from "./list.ts";
import { Roster } from "./roster.ts";
import { Sandboxes } from "./sandboxes.ts";

const exit = { code: 7, at: 9n, oomKilled: false };
const layer = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const base = { ...plainImage, id: layer("1"), layers: [layer("a")] };
const built = { ...plainImage, id: layer("2"), layers: [layer("a"), layer("b")] };
const images = new Map([
  ["base", base],
  ["built", built],
  ["plain", plainImage],
]);
const bind = { source: "/srv", target: "/data", readOnly: false, propagation: "rprivate", createSource: true } as const;
const endpoint: Endpoint = {
  sandboxId: "s",
  endpointId: "e",
  mode: "bridge",
  ports: [{ containerPort: 80, protocol: "tcp", hostIp: "", hostPort: 8080 }],
};
const tcp = (first: number, last = first): PortRange => ({ first, last, protocol: "tcp" });
const web = containerOf({
  id: `aa${"0".repeat(62)}`,
  name: "web",
  created: 1n,
  spec: labelled({ tier: "front", __proto__x: "1" }),
  state: { status: "running", pid: 1, monitorPid: 2, startedAt: 3n, stopRequested: false },
  sandboxId: endpoint.sandboxId,
});
const worker = containerOf({
  id: `ab${"0".repeat(62)}`,
  name: "web-worker",
  created: 2n,
  spec: { ...labelled({ tier: "back" }), host: { ...plainHost, networkName: "default", binds: [bind] } },
  image: built,
});
const done = containerOf({ id: `bc${"0".repeat(62)}`, name: "done", created: 3n, state: { status: "exited", exit, startedAt: 2n } });

async function names(query: { readonly all?: boolean; readonly limit?: number; readonly filters?: ContainerFilters }): Promise<string[]> {
  const roster = new Roster(new MemoryTable());
  for (const container of [web, worker, done]) {
    roster.reserve(container);
    await roster.add(container);
  }
  const needs = {
    roster,
    volumes: { store: { root: "/volumes" } },
    sandboxes: new Sandboxes(new MemoryTable()),
    networks: { standing: () => undefined, idOf: ({ state }: typeof web) => (state.status === "created" ? undefined : "abc") },
    resolveImage: (reference: string) => {
      const image = images.get(reference);
      if (image === undefined) throw fault("not-found", `No such image: ${reference}`);
      return image;
    },
  };
  await needs.sandboxes.add(web.id, endpoint);
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
    [{ id: ["a"] }, []],
    [{ id: ["ab"] }, ["web-worker"]],
    [{ name: ["web"] }, ["web-worker", "web"]],
    [{ name: ["^/web$"] }, ["web"]],
    [{ name: ["("] }, []],
    [{ label: ["tier"] }, ["web-worker", "web"]],
    [{ label: ["tier=back"] }, ["web-worker"]],
    [{ label: ["tier", "tier=front"] }, ["web"]],
    [{ label: ["toString"] }, []],
    [{ status: ["exited", "created"] }, ["done", "web-worker"]],
    [{ id: ["aa"], name: ["done"] }, []],
    [{ id: ["aa", "bc"] }, ["done", "web"]],
    [{ name: ["(?i)WEB$"] }, ["web"]],
    [{ exited: [7, 1] }, ["done"]],
    [{ exited: [0] }, []],
    [{ before: ["web-worker"] }, ["web"]],
    [{ since: ["web"], before: ["done"] }, ["web-worker"]],
    [{ health: ["healthy"] }, []],
    [{ health: ["none", "healthy"] }, ["done", "web-worker", "web"]],
    [{ isTask: true }, []],
    [{ isTask: false }, ["done", "web-worker", "web"]],
    [{ ancestor: ["base"] }, ["web-worker"]],
    [{ ancestor: ["built", "gone"] }, ["web-worker"]],
    [{ ancestor: ["plain"] }, ["done", "web"]],
    [{ ancestor: ["gone"] }, []],
    [{ network: ["bridge"] }, ["web-worker"]],
    [{ network: ["none"] }, ["done", "web"]],
    [{ volume: ["/data"] }, ["web-worker"]],
    [{ volume: ["/srv", "/other"] }, ["web-worker"]],
    [{ volume: ["/s"] }, []],
    [{ publish: [tcp(8000, 8080)] }, ["web"]],
    [{ publish: [tcp(80)] }, []],
    [{ publish: [{ ...tcp(8080), protocol: "udp" }] }, []],
    [{ expose: [tcp(80)] }, ["web"]],
    [{ expose: [tcp(8080)] }, []],
  ] satisfies [ContainerFilters, string[]][])("filters by %j", async (filters, expected) => {
    expect(await names({ all: true, filters })).toEqual(expected);
  });

  test("refuses a container to count from that is not there", () => {
    expect(names({ filters: { before: ["nope"] } })).rejects.toThrow("No such container: nope");
  });

  test("lets a status filter reach what does not run, without all", async () => {
    expect(await names({ filters: { status: ["exited"] } })).toEqual(["done"]);
  });
});
