// I01 under load: the daemon dies at random moments of whatever its clients are at.
import { expect } from "bun:test";
import { inspect, list, removeForced, startNew } from "./container-calls.ts";
import { MixedLoad } from "./mixed-load.ts";
import { isAlive } from "./processes.ts";
import { startSettledDaemon } from "./settled-daemon.ts";
import { databaseFaults } from "./store-check.ts";
import { waitFor } from "./wait-for.ts";

/** So many deaths: bystanders live on, the database is sound each time, no client is refused, and nothing is left at the end. */
export async function killUnderLoad(rounds: number): Promise<void> {
  await using settled = await startSettledDaemon();
  const { daemon } = settled;
  const bystanders = await Promise.all(Array.from({ length: 5 }, () => startNew(daemon, { Cmd: ["sleep", "100000"] })));
  const pidsOf = (): Promise<number[]> => Promise.all(bystanders.map(async (id) => (await inspect(daemon, id)).State.Pid));
  const pids = await pidsOf();
  const load = new MixedLoad(daemon);
  for (let round = 0; round < rounds; round += 1) {
    const before = load.done;
    await waitFor(() => load.done >= before + 4, { what: "errands that are done", deadline: 30_000 });
    // The moment is what each round tries.
    await Bun.sleep(Math.random() * 50);
    await daemon.kill();
    expect(databaseFaults(daemon)).toEqual([]);
    await daemon.start();
    expect(await pidsOf()).toEqual(pids);
  }
  await load.finish();
  expect(load.refusals).toEqual([]);
  expect(pids.filter((pid) => !isAlive(pid))).toEqual([]);
  await Promise.all((await list(daemon, true)).map((id) => removeForced(daemon, id)));
  expect(await settled.leaks()).toEqual([]);
}
