import { expect, test } from "bun:test";
import { call, list, removeForced } from "../support/container-calls.ts";
import { raceRounds } from "../support/race-rounds.ts";
import { startSettledDaemon } from "../support/settled-daemon.ts";

test("I19 10,000 rounds of requests in each other's way: no failure of ours, nothing left", async () => {
  await using settled = await startSettledDaemon({ settle: async (daemon) => void (await raceRounds(daemon, { rounds: 20, seed: 1 })) });
  const { daemon } = settled;
  const report = await raceRounds(daemon, { rounds: 10_000, seed: 20_261_121 });
  expect(report.failures).toEqual([]);
  for (const id of await list(daemon, true)) await removeForced(daemon, id);
  expect(await (await call(daemon, "/_ping")).text()).toBe("OK");
  expect(await settled.leaks()).toEqual([]);
}, 3_600_000);
