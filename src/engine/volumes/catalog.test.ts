import { describe, expect, test } from "bun:test";
import { isFault } from "#base";
import type { Container } from "#container";
import type { EngineEvent } from "#event";
import type { FoundVolume, VolumeStore } from "#volume";
import { containerOf, plainHost, plainSpec } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import { Roster } from "../containers/roster.ts";
import { VolumeCatalog } from "./catalog.ts";
import type { VolumeRow } from "./row.ts";

/** Volumes as names, each with how often it was made; every call lets others run first. */
class MemoryVolumeStore implements VolumeStore {
  readonly root = "/volumes";
  readonly folders = new Map<string, { isNew: boolean; readonly life: number }>();
  lives = 0;

  path(name: string): string {
    return `/volumes/${name}/_data`;
  }

  async make(name: string): Promise<void> {
    await Promise.resolve();
    if (!this.folders.has(name)) this.folders.set(name, { isNew: true, life: ++this.lives });
  }

  async settle(name: string): Promise<void> {
    await Promise.resolve();
    const folder = this.folders.get(name);
    if (folder !== undefined) folder.isNew = false;
  }

  async discard(name: string): Promise<void> {
    await Promise.resolve();
    this.folders.delete(name);
  }

  async list(): Promise<readonly FoundVolume[]> {
    return [...this.folders].map(([name, { isNew }]) => ({ name, isNew }));
  }

  async fill(): Promise<"done"> {
    return "done";
  }

  async fillWith(name: string, write: (folder: string) => Promise<void>): Promise<void> {
    await write(this.path(name));
  }

  async copy(): Promise<void> {}

  async rename(name: string, to: string): Promise<void> {
    await Promise.resolve();
    const folder = this.folders.get(name);
    this.folders.delete(name);
    if (folder !== undefined) this.folders.set(to, folder);
  }

  async usage(): Promise<number> {
    return 0;
  }

  async mountDevice(): Promise<void> {}
  async unmountDevice(): Promise<void> {}

  async openSubpath(): Promise<never> {
    throw new Error("no subpaths here");
  }
}

interface Place {
  readonly catalog: VolumeCatalog;
  readonly roster: Roster;
  readonly store: MemoryVolumeStore;
  readonly events: readonly string[];
}

async function open(rows = new Map<string, VolumeRow>(), store = new MemoryVolumeStore()): Promise<Place> {
  const roster = new Roster(new MemoryTable());
  const events: string[] = [];
  const announcer = {
    announce: ({ action, actorId }: Omit<EngineEvent, "number" | "at">): void => void events.push(`${action} ${actorId}`),
  };
  const catalog = new VolumeCatalog({ table: new MemoryTable(rows), store, roster, announcer });
  await catalog.load();
  return { catalog, roster, store, events };
}

function user(id: string, volume: string): Container {
  const mount = { name: volume, target: "/v", readOnly: false, copyUp: true, mode: "z", isAnonymous: false };
  return containerOf({ id, name: `user_${id}`, spec: { ...plainSpec, host: { ...plainHost, volumes: [mount] } } });
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("VolumeCatalog", () => {
  test("ensure() makes a volume once, with the words of whoever came first", async () => {
    const { catalog, events } = await open();
    const asked = [
      { name: "data", labels: { a: "1" } },
      { name: "data", labels: { a: "2" } },
    ].map((request) => catalog.ensure(request, "durable"));
    const [first, second] = await Promise.all(asked);
    expect([first?.isNew, second?.isNew, second?.volume.labels]).toEqual([true, false, { a: "1" }]);
    expect(events).toEqual(["create data"]);
    expect(await refusalOf(catalog.ensure({ name: "../x" }, "durable"))).toStartWith('create ../x: "../x" includes invalid characters');
  });

  test("remove() refuses what a container has, from the instant that its name is reserved", async () => {
    const { catalog, roster } = await open();
    await catalog.ensure({ name: "data" }, "durable");
    const container = user("a".repeat(64), "data");
    roster.reserve(container);
    expect(await refusalOf(catalog.remove("data"))).toBe(`remove data: volume is in use - [${container.id}]`);
    roster.withdraw(container);
    await catalog.remove("data");
    expect(await refusalOf(catalog.remove("data"))).toBe("get data: no such volume");
  });

  test("load() keeps data without a row, and drops what was never told of and rows whose folder is gone", async () => {
    const rows = new Map<string, VolumeRow>([["gone", { version: 1, volume: { name: "gone", created: 1n } }]]);
    const store = new MemoryVolumeStore();
    store.folders.set("begun", { isNew: true, life: 1 });
    store.folders.set("found", { isNew: false, life: 2 });
    const { catalog } = await open(rows, store);
    expect(catalog.all().map(({ name }) => name)).toEqual(["found"]);
    expect([...rows.keys()]).toEqual(["found"]);
    expect([...store.folders.keys()]).toEqual(["found"]);
  });

  test("rename() keeps labels, and leaves the old name alone when the folder cannot be renamed", async () => {
    const rows = new Map<string, VolumeRow>();
    const store = new MemoryVolumeStore();
    const { catalog, events } = await open(rows, store);
    await catalog.ensure({ name: "old", labels: { a: "1" } }, "durable");
    await catalog.rename("old", "new");
    expect([[...rows.keys()], [...store.folders.keys()], catalog.find("new").labels]).toEqual([["new"], ["new"], { a: "1" }]);
    expect(events).toEqual(["create old", "destroy old", "create new"]);
    store.rename = () => Promise.reject(new Error("no room"));
    expect(await refusalOf(catalog.rename("new", "other"))).toBe("no room");
    expect([[...rows.keys()], catalog.all().map(({ name }) => name)]).toEqual([["new"], ["new"]]);
  });

  test("makeFilled() leaves nothing of a volume that could not be filled", async () => {
    const rows = new Map<string, VolumeRow>();
    const store = new MemoryVolumeStore();
    const { catalog } = await open(rows, store);
    const failing = catalog.makeFilled({ name: "torn" }, () => Promise.reject(new Error("broken archive")));
    expect(await refusalOf(failing)).toBe("broken archive");
    expect([rows.size, store.folders.size, catalog.get("torn")]).toEqual([0, 0, undefined]);
  });

  test("I29: no schedule of creates, removals and containers takes a volume from a container that was given it", async () => {
    const { catalog, roster, store } = await open();
    let seed = 7;
    const chance = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    const lost: string[] = [];
    let [given, removed] = [0, 0];
    /** As a create does it: the name is reserved, then the volume made; it must be the same folder until the container goes. */
    const useVolume = async (round: number): Promise<void> => {
      const container = user(round.toString(16).padStart(64, "0"), `v${chance(3)}`);
      const [mount] = container.spec.host.volumes ?? [];
      const name = mount?.name ?? "";
      roster.reserve(container);
      await catalog.ensure({ name }, "volatile");
      const life = store.folders.get(name)?.life;
      for (let turns = chance(12); turns > 0; turns -= 1) await Promise.resolve();
      if (life === undefined || store.folders.get(name)?.life !== life) lost.push(`${name} of round ${round}`);
      given += 1;
      roster.withdraw(container);
    };
    const removeVolume = async (): Promise<void> => {
      for (let turns = chance(12); turns > 0; turns -= 1) await Promise.resolve();
      try {
        await catalog.remove(`v${chance(3)}`);
        removed += 1;
      } catch (error) {
        if (!isFault(error, "conflict") && !isFault(error, "not-found")) throw error;
      }
    };
    for (let round = 0; round < 5000; round += 2)
      await Promise.all([useVolume(round), removeVolume(), useVolume(round + 1), removeVolume(), removeVolume()]);
    expect(lost).toEqual([]);
    expect(given).toBe(5000);
    // Both ends were met often, or the schedules say nothing.
    expect(removed).toBeGreaterThan(500);
  });
});
