// Volumes against flipped folders and kills, for longer than the gate can take.
import { expect, test } from "bun:test";
import { startDaemon } from "../support/daemon.ts";
import { startAmongFlips } from "../support/flipping-mounts.ts";
import { loadImage } from "../support/images.ts";
import { raceVolumes } from "../support/volume-races.ts";

test("B07: 1,000 starts with 20 mounts below folders that become links stay in the root", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const { started, refused, escaped } = await startAmongFlips(daemon, 1000);
  expect({ rounds: started + refused, escaped }).toEqual({ rounds: 1000, escaped: [] });
  expect(Math.min(started, refused)).toBeGreaterThan(50);
}, 1_800_000);

test("I29: 100 kills among creates, removals and prunes lose no volume that was acknowledged", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const { wrong, made, removed } = await raceVolumes(daemon, 100);
  expect(wrong).toEqual([]);
  expect(Math.min(made, removed)).toBeGreaterThan(100);
}, 1_800_000);
