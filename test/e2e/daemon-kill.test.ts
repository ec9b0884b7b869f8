// I01: kill -9 of the daemon is nothing to its containers.
import { expect, test } from "bun:test";
import { killRounds, middle } from "../support/kill-rounds.ts";
import { killUnderLoad } from "../support/kill-under-load.ts";

test("I01 20 containers live, answer and write a thousand lines a second through 20 deaths of the daemon", async () => {
  const { ready, probes, rates } = await killRounds({ watchers: 20, rounds: 20 });
  expect(probes).toMatchObject({ failures: [] });
  expect(probes.answers).toBeGreaterThan(20 * 20);
  // A thousand where the machine has time for it.
  expect(Math.min(...rates)).toBeGreaterThan(300);
  expect(middle(ready)).toBeLessThan(1_000);
}, 180_000);

test("I01 15 deaths in the midst of runs, execs and removals leave bystanders alone and nothing behind", async () => {
  await killUnderLoad(15);
}, 120_000);
