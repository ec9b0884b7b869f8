import { test } from "bun:test";
import { makeImagePlace } from "../support/image-place.ts";
import { loadMutants, runSchedule } from "../support/image-schedules.ts";

test("I30 no removal takes what an image needs, in 30 schedules", async () => {
  await using place = await makeImagePlace();
  for (let seed = 1; seed <= 30; seed += 1) await runSchedule(place, seed);
}, 60_000);

test("A08 what is wrong with a manifest or config is said, and nothing of it stays", async () => {
  await using place = await makeImagePlace();
  await loadMutants(place, 7, 100);
}, 60_000);
