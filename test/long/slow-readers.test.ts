import { expect, test } from "bun:test";
import { startDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { readSlowly } from "../support/slow-readers.ts";

test("I18 200 readers of a byte a second for a minute: their memory is bounded, the daemon and the containers go on", async () => {
  await using daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  const { before, most, pings, written } = await readSlowly(daemon, { readers: 200, stay: 60_000 });
  const p99 = pings.toSorted((one, other) => one - other)[Math.floor(pings.length * 0.99)] ?? Infinity;
  console.log(
    `I18: memory +${(most - before) >> 20} MiB, ping p99 ${p99.toFixed(1)} ms of ${pings.length}, ${written} lines written meanwhile`,
  );
  expect(written).toBeGreaterThan(10_000);
  // 32 MiB, and 64 KiB a reader, 1 MiB where it is attached.
  expect(most - before).toBeLessThan((32 + 150 / 16 + 50) * 1024 * 1024);
}, 300_000);
