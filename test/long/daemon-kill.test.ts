import { expect, test } from "bun:test";
import { killRounds, middle } from "../support/kill-rounds.ts";
import { killUnderLoad } from "../support/kill-under-load.ts";

test("I01 20 containers live, answer and write a thousand lines a second through 500 deaths of the daemon", async () => {
  const { ready, probes, rates } = await killRounds({ watchers: 20, rounds: 500 });
  expect(probes).toMatchObject({ failures: [] });
  expect(Math.min(...rates)).toBeGreaterThan(300);
  expect(middle(ready)).toBeLessThan(1_000);
}, 3_600_000);

test("I01 500 deaths in the midst of runs, execs and removals leave bystanders alone and nothing behind", async () => {
  await killUnderLoad(500);
}, 3_600_000);
