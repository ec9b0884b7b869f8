// What mounts and limits cost a start: pairs of starts, plain and laden, so that the machine's mood weighs on both alike.
import { ask, type Engine } from "./engine.ts";
import { timed, type Row } from "./row.ts";

const pairs = 7;

/** 20 mounts and 10 limits, none of which every kernel does not have. */
const laden = {
  Mounts: Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0
      ? { Type: "tmpfs", Target: `/mounted/${index}` }
      : { Type: "bind", Source: "/usr/share", Target: `/mounted/${index}`, ReadOnly: true },
  ),
  Memory: 256 << 20,
  MemorySwap: -1,
  MemoryReservation: 64 << 20,
  CpuShares: 512,
  CpuPeriod: 100_000,
  CpuQuota: 100_000,
  CpusetCpus: "0",
  CpusetMems: "0",
  PidsLimit: 100,
  Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 1024 }],
};

/** Milliseconds of the start alone. */
async function started(engine: Engine, host: object): Promise<number> {
  const { Id } = await ask<{ readonly Id: string }>(engine, "POST", "/containers/create", {
    Image: "busybox",
    Cmd: ["true"],
    HostConfig: host,
  });
  const took = await timed(() => ask(engine, "POST", `/containers/${Id}/start`));
  await ask(engine, "POST", `/containers/${Id}/wait`);
  await ask(engine, "DELETE", `/containers/${Id}`);
  return took;
}

async function ratio(engine: Engine): Promise<number> {
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const plain = await started(engine, {});
    ratios.push((await started(engine, laden)) / plain);
  }
  return ratios.toSorted((a, b) => a - b)[(pairs - 1) / 2] ?? Number.NaN;
}

export const ladenRows: readonly Row[] = [
  {
    id: "S9",
    title: "start with 20 mounts and 10 limits, as a multiple of a plain start",
    unit: "x",
    bound: 1.3,
    rounds: 5,
    alone: true,
    sample: ratio,
  },
];
