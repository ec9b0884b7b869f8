// What the API costs with 1,000 containers there, and while the engine is busy.
import { busyPull } from "./busy-pull.ts";
import { ask, type Engine } from "./engine.ts";
import { KeptConnection } from "./kept-connection.ts";
import { populateStopped } from "./populated.ts";
import { timed, type Row } from "./row.ts";

/** Requests of one sample, so that the clock's grain and our own turn-around weigh little. */
const repeats = 5;

function reading(id: string, title: string, path: string, floor?: number): Row {
  return {
    id,
    title,
    unit: "ms",
    ...(floor !== undefined && { floor }),
    prepare: populateStopped,
    async sample(engine): Promise<number> {
      using connection = await KeptConnection.open(engine);
      await connection.get(path);
      const whole = await timed(async () => {
        for (let round = 0; round < repeats; round++) await connection.get(path);
      });
      return whole / repeats;
    },
  };
}

/** Milliseconds a request with eight callers at once, over half a second or 24 requests, whichever is longer. */
async function underLoad(engine: Engine, path: string): Promise<number> {
  const began = performance.now();
  let served = 0;
  const caller = async (): Promise<void> => {
    using connection = await KeptConnection.open(engine);
    while (performance.now() - began < 500 || served < 24) {
      await connection.get(path);
      served++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  return (performance.now() - began) / served;
}

async function createOne(engine: Engine): Promise<number> {
  let id = "";
  const taken = await timed(async () => {
    ({ Id: id } = await ask<{ readonly Id: string }>(engine, "POST", "/containers/create", { Image: "busybox", Cmd: ["true"] }));
  });
  await ask(engine, "DELETE", `/containers/${id}`);
  return taken;
}

const evenOnes = encodeURIComponent(JSON.stringify({ label: ["parity=even"], name: ["stopped-77"] }));

export const apiRows: readonly Row[] = [
  reading("A1", "list of 1,000 containers", "/containers/json?all=1", 30),
  reading("A2", "list of 1,000 containers, limit=1", "/containers/json?all=1&limit=1", 15),
  reading("A2f", "list of 1,000 containers, filtered by label and name", `/containers/json?all=1&filters=${evenOnes}`, 15),
  reading("A3i", "inspect, 1,000 containers there", "/containers/stopped-500/json", 2),
  { id: "A3", title: "create, 1,000 containers there", unit: "ms", floor: 6, prepare: populateStopped, sample: createOne },
  {
    id: "A4",
    title: "list of 1,000 containers, eight callers, a request",
    unit: "ms",
    floor: 20,
    rounds: 5,
    prepare: populateStopped,
    sample: (engine) => underLoad(engine, "/containers/json?all=1"),
  },
  {
    id: "A7",
    title: "_ping while 20 runs and a pull go on, 99th percentile",
    unit: "ms",
    bound: 10,
    rounds: 5,
    alone: true,
    sample: busyPull,
  },
];
