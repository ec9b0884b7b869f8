// Ratios of Gantry to itself, and of our command line to the stock one on the same daemon: noise of the machine cancels.
import { builtProgram, stockClient } from "../test/support/tools.ts";
import { run } from "../test/support/command.ts";
import { ask, type Engine } from "./engine.ts";
import { populate } from "./populated.ts";
import { timed, type Row } from "./row.ts";
import { median } from "./summary.ts";

const live = 500;
const starts = 30;

/** Median milliseconds of a start by the API. */
async function startTime(engine: Engine): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < starts; count++) {
    const { Id } = await ask<{ readonly Id: string }>(engine, "POST", "/containers/create", { Image: "busybox", Cmd: ["true"] });
    taken.push(await timed(() => ask(engine, "POST", `/containers/${Id}/start`)));
    await ask(engine, "POST", `/containers/${Id}/wait`);
    await ask(engine, "DELETE", `/containers/${Id}`);
  }
  return median(taken);
}

/** Start with many containers running, over the mean of before and after. */
async function crowded(engine: Engine): Promise<number> {
  await startTime(engine);
  const before = await startTime(engine);
  let among: number;
  {
    await using _crowd = await populate(engine, { count: live, prefix: "live", command: ["sleep", "100000"], running: true });
    among = await startTime(engine);
  }
  return among / ((before + (await startTime(engine))) / 2);
}

/** `ps -a` of ours over the stock client's, run in turn against our daemon; the median of the quotients. */
async function listRatio(engine: Engine): Promise<number> {
  const options = { env: { DOCKER_HOST: `unix://${engine.socket}`, DOCKER_CONFIG: "/nonexistent" } };
  const list = (program: string): Promise<number> => timed(() => run([program, "ps", "-a"], options));
  const quotients: number[] = [];
  for (let round = 0; round < 40; round++) {
    const [ours, theirs] = [await list(builtProgram("gantry")), await list(stockClient())];
    quotients.push(ours / theirs);
  }
  return median(quotients);
}

export const selfRows: readonly Row[] = [
  {
    id: "S8",
    title: `start with ${live} live containers, over start with none`,
    unit: "x",
    bound: 1.15,
    rounds: 1,
    alone: true,
    sample: crowded,
  },
  { id: "C0", title: "gantry ps, over docker ps on the same daemon", unit: "x", bound: 1, rounds: 3, alone: true, sample: listRatio },
];
