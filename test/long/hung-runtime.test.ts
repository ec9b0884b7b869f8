import { expect, test } from "bun:test";
import { create, inspect, removeForced, start } from "../support/container-calls.ts";
import { startDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { StuckRuntime } from "../support/stuck-runtime.ts";
import { makePlace } from "../support/test-place.ts";

test("I20 a runtime hangs at create and at start: each is given up after a minute, and ps, info and inspect answer in 200 ms meanwhile", async () => {
  const place = makePlace();
  const runtime = new StuckRuntime(place);
  await using daemon = await startDaemon({ place, config: { runtimes: { stuck: { path: runtime.path } } } });
  await loadImage(place.socket, "busybox");
  for (const command of ["create", "start"] as const) {
    const id = await create(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Runtime: "stuck" } });
    const answered = new AbortController();
    let answer = "";
    const times: number[] = [];
    {
      using _hang = runtime.hangAt(command);
      const starting = daemon.request(`/containers/${id}/start`, { method: "POST" }).then(async (reply) => {
        answer = await reply.text();
        answered.abort();
      });
      while (!answered.signal.aborted) {
        for (const path of ["/containers/json?all=1", "/info", `/containers/${id}/json`]) {
          const began = performance.now();
          await (await daemon.request(path)).text();
          times.push(performance.now() - began);
        }
        await Bun.sleep(20);
      }
      await starting;
    }
    expect(answer).toContain(`stuck ${command} did not return in 60 s and was ended`);
    const p99 = times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? Infinity;
    console.log(`I20 ${command}: ${times.length} answers meanwhile, p99 ${p99.toFixed(1)} ms`);
    expect(p99).toBeLessThan(200);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "created" });
    await start(daemon, id);
    await removeForced(daemon, id);
  }
}, 300_000);
