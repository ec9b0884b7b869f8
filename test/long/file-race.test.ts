import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { Canary } from "../support/canary.ts";
import { startDaemon } from "../support/daemon.ts";
import { raceForFiles } from "../support/file-race.ts";
import { loadImage } from "../support/images.ts";

test("B01 a minute of renames under copies in both directions: nothing of the host is read or written", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  await using canary = await Canary.plant(join(tmpdir(), `gantry-canary-${daemon.place.token}`), { patience: 120_000 });
  const { texts, rounds } = await raceForFiles(daemon, canary, { duration: 60_000 });
  expect(rounds).toBeGreaterThan(100);
  expect(canary.violations({ texts })).toEqual([]);
}, 180_000);
