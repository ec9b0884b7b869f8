import { expect, test } from "bun:test";
import { containerOf, plainHost, plainSpec } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import { Networks, type NetworkRow } from "./networks.ts";
import { filterNetworks } from "./verbs.ts";

async function opened(table = new MemoryTable<NetworkRow>(), bridge = true): Promise<Networks> {
  const networks = new Networks(table);
  await networks.load({ bridge, at: 5n });
  return networks;
}

test("load() makes the standing networks once: a later daemon has them under the same ids", async () => {
  const rows = new Map<string, NetworkRow>();
  const first = (await opened(new MemoryTable(rows))).all();
  expect(first.map(({ name, driver }) => `${name} ${driver}`)).toEqual(["bridge bridge", "host host", "none null"]);
  expect((await opened(new MemoryTable(rows))).all()).toEqual(first);
  expect((await opened(new MemoryTable(rows), false)).all()).toEqual(first.slice(1));
});

test("idOf() is the network of a container that was started", async () => {
  const networks = await opened();
  const [bridge] = networks.all();
  const container = containerOf({ id: "a", spec: { ...plainSpec, host: { ...plainHost, network: "bridge" } } });
  const exited = { ...container, state: { status: "exited", exit: { code: 0, at: 1n, oomKilled: false }, startedAt: 1n } } as const;
  expect([networks.idOf(container), networks.idOf(exited)]).toEqual([undefined, bridge?.id]);
});

test("filterNetworks() takes what every filter lets through", async () => {
  const all = (await opened()).all();
  const names = (filters: Parameters<typeof filterNetworks>[1]): readonly string[] => filterNetworks(all, filters).map(({ name }) => name);
  expect(names({})).toEqual(["bridge", "host", "none"]);
  expect(names({ name: ["^ho", "none"] })).toEqual(["host", "none"]);
  expect(names({ name: ["o"], driver: ["host", "bridge"] })).toEqual(["host"]);
  expect(names({ id: [all[0]?.id.slice(0, 20) ?? ""] })).toEqual(["bridge"]);
  expect([names({ dangling: true }), names({ label: ["a"] }), names({ scope: ["swarm"] }), names({ type: ["custom"] })]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(names({ dangling: false, scope: ["local"], type: ["builtin"] })).toHaveLength(3);
});
