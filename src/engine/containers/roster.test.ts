import { describe, expect, test } from "bun:test";
import { EngineError } from "#base";
import { containerOf } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import { Roster } from "./roster.ts";
import type { ContainerRow } from "./row.ts";

const first = containerOf({ id: `abc1${"0".repeat(60)}`, name: "web", created: 1n });
const second = containerOf({ id: `abc2${"0".repeat(60)}`, name: "abc", created: 2n });

async function rosterOf(...containers: readonly (typeof first)[]): Promise<{ roster: Roster; rows: Map<string, ContainerRow> }> {
  const rows = new Map<string, ContainerRow>();
  const roster = new Roster(new MemoryTable(rows));
  for (const container of containers) {
    roster.reserve(container);
    await roster.add(container);
  }
  return { roster, rows };
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof EngineError ? `${error.fault}: ${error.message}` : String(error);
  }
  return "no refusal";
}

describe("Roster.find()", () => {
  test("takes a full id, a name with and without slash, and a prefix that fits one", async () => {
    const { roster } = await rosterOf(first, second);
    for (const reference of [first.id, "web", "/web", "abc1"]) expect(roster.find(reference)).toBe(first);
  });

  test("prefers a name over a prefix", async () => {
    const { roster } = await rosterOf(first, second);
    expect(roster.find("abc")).toBe(second);
  });

  test("refuses a prefix that fits several, and what is not there, in Docker's words", async () => {
    const { roster } = await rosterOf(first, second);
    expect(refusal(() => roster.find("ab"))).toBe("invalid: multiple IDs found with provided prefix: ab");
    expect(refusal(() => roster.find("nope"))).toBe("not-found: No such container: nope");
    expect(refusal(() => roster.find(""))).toBe("not-found: No such container: ");
  });
});

describe("Roster.reserve()", () => {
  test("lets one of many have a name", async () => {
    const { roster } = await rosterOf(first);
    const rival = containerOf({ id: "f".repeat(64), name: "web" });
    expect(refusal(() => roster.reserve(rival))).toStartWith(
      `conflict: Conflict. The container name "/web" is already in use by container "${first.id}"`,
    );
  });

  test("counts the image as used before anybody sees the container, and gives all back on withdraw", async () => {
    const { roster } = await rosterOf();
    roster.reserve(first);
    expect([roster.users(), roster.all()]).toEqual([[first], []]);
    roster.withdraw(first);
    expect([roster.users(), roster.isNameFree("web")]).toEqual([[], true]);
  });

  test.each(["", "a", "-web", "we b", "../web", "web\n", "wéb"])("refuses the name %j", async (name) => {
    const { roster } = await rosterOf();
    expect(refusal(() => roster.reserve(containerOf({ id: "e".repeat(64), name })))).toStartWith("invalid: Invalid container name");
  });
});

describe("Roster", () => {
  test("shows a change at once and has its row when the promise resolves", async () => {
    const { roster, rows } = await rosterOf(first);
    const written = roster.change(first.id, { type: "start-intended" });
    expect(roster.get(first.id)?.state.status).toBe("starting");
    await written;
    expect([...rows.values()].map((row) => row.container.state.status)).toEqual(["starting"]);
  });

  test("a new one on the same table knows what the old one knew", async () => {
    const { roster, rows } = await rosterOf(first, second);
    await roster.rename(first.id, "other");
    await roster.remove(second.id);
    const next = new Roster(new MemoryTable(rows));
    await next.load();
    expect(next.all().map(({ id, name }) => [id, name])).toEqual([[first.id, "other"]]);
    expect(next.isNameFree("web")).toBe(true);
  });

  test("runs work on one container in order, also behind work that fails", async () => {
    const { roster } = await rosterOf(first);
    const order: number[] = [];
    const gate = Promise.withResolvers<void>();
    const failing = roster.locked(first.id, async () => {
      await gate.promise;
      order.push(1);
      throw new Error("broken");
    });
    const following = roster.locked(first.id, async () => order.push(2));
    const other = roster.locked(second.id, async () => order.push(0));
    await other;
    gate.resolve();
    await Promise.allSettled([failing, following]);
    expect(order).toEqual([0, 1, 2]);
  });
});
