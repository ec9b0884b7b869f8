import { expect, test } from "bun:test";
import { isPruned, PruneTurn } from "./prune.ts";
import type { PruneFilters } from "./verbs.ts";

test.each([
  [{}, true],
  [{ until: 5n }, true],
  [{ until: 4n }, false],
  [{ labels: ["a"] }, true],
  [{ labels: ["a=1", "b=2"] }, true],
  [{ labels: ["a", "c"] }, false],
  [{ withoutLabels: ["c"] }, true],
  [{ withoutLabels: ["a"] }, false],
  [{ withoutLabels: ["a", "c"] }, true],
] satisfies [PruneFilters, boolean][])("isPruned() case %#", (filters, expected) => {
  expect(isPruned(filters, { created: 5n, labels: { a: "1", b: "2" } })).toBe(expected);
});

test("PruneTurn refuses a second prune until the first is over, however it ends", async () => {
  const turn = new PruneTurn();
  const first = Promise.withResolvers<number>();
  const running = turn.run(() => first.promise);
  const second = turn.run(() => Promise.resolve(2));
  expect(second).rejects.toMatchObject({ fault: "conflict", message: "a prune operation is already running" });
  await second.catch(() => undefined);
  first.reject(new Error("broke"));
  expect(running).rejects.toThrow("broke");
  await running.catch(() => undefined);
  expect(await turn.run(() => Promise.resolve(3))).toBe(3);
});
