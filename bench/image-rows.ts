// Images that come and go. No row removes what a later one of the same run could meet in the kernel: ext4 looks for five seconds and more at each
// inode that was just freed before it makes a new file, for every engine alike, so what is removed is removed last.
import { dirname, join } from "node:path";
import { enterForky } from "../scripts/peers/forky.ts";
import { succeed } from "../test/support/command.ts";
import { sha256 } from "../test/support/archive.ts";
import { callsDuring } from "./counter-rows.ts";
import { docker, type Engine } from "./engine.ts";
import { shelf } from "./image-shelf.ts";
import { timed, type Row } from "./row.ts";

const open = (engine: Engine): Promise<AsyncDisposable> => shelf.open(engine);
const layers = 4;

async function must(engine: Engine, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(engine, ...args);
  if (code !== 0) throw new Error(`${engine.name}: docker ${args.join(" ")}: exit code ${code}: ${stderr}`);
}

async function pull(engine: Engine): Promise<number> {
  const { name } = await shelf.next(engine);
  return timed(() => must(engine, "pull", "-q", name));
}

/** Docker's containerd pulls by its own client, with nothing of Docker in between; ours as ever. */
async function pullByContainerd(engine: Engine): Promise<number> {
  if (engine.name === "gantry") return pull(engine);
  const { name } = await shelf.next(engine);
  const folder = dirname(engine.socket);
  const address = join(folder, "exec/containerd/containerd.sock");
  const client = [...engine.prefix, ...enterForky([folder]), "ctr", "--address", address, "--namespace", "bench"];
  return timed(() => succeed([...client, "images", "pull", "--plain-http", name]));
}

/** Our pull as a multiple of the least that any pull of the same blobs has to do. */
async function overLimit(engine: Engine): Promise<number> {
  const { name, origin, parts } = await shelf.next(engine);
  const urls = parts.layers.map((layer) => `${origin}/v2/shelf/blobs/${sha256(layer)}`);
  const program = [process.execPath, join(import.meta.dir, "pull-limit.ts"), ...urls];
  const limit = Number(await succeed([...engine.prefix, ...program]));
  return (await timed(() => must(engine, "pull", "-q", name))) / limit;
}

async function syncsOfPull(engine: Engine): Promise<number> {
  const { name } = await shelf.next(engine);
  const lines = await callsDuring(engine, "fsync,fdatasync,syncfs,sync", () => must(engine, "pull", "-q", name));
  return lines.filter((line) => /sync(fs)?(\(| resumed).*= 0$/.test(line)).length / layers;
}

async function remove(engine: Engine): Promise<number> {
  const { name } = await shelf.next(engine);
  await must(engine, "pull", "-q", name);
  return timed(() => must(engine, "rmi", name));
}

export const imageRows: readonly Row[] = [
  {
    id: "P1",
    title: "docker pull of 4 layers, 50 MiB packed, 8,250 files",
    unit: "ms",
    floor: 2.5,
    rounds: 5,
    driver: "directory",
    prepare: open,
    sample: pull,
  },
  {
    id: "P2",
    title: "the same with sealed layers",
    unit: "ms",
    floor: 4,
    rounds: 5,
    driver: "sealed",
    prepare: open,
    sample: pull,
  },
  {
    id: "P2c",
    title: "the same, the peers' containerd by ctr",
    unit: "ms",
    floor: 8,
    rounds: 5,
    driver: "sealed",
    prepare: open,
    sample: pullByContainerd,
  },
  {
    id: "P3",
    title: "the same as a multiple of fetching, inflating and hashing alone",
    unit: "x",
    bound: 1.8,
    rounds: 5,
    alone: true,
    prepare: open,
    sample: overLimit,
  },
  {
    id: "P6",
    title: "syncs made by that pull, a layer",
    unit: "calls",
    bound: 1,
    rounds: 3,
    alone: true,
    prepare: open,
    sample: syncsOfPull,
  },
  {
    id: "P5",
    title: "docker rmi of that image",
    unit: "ms",
    floor: 10,
    rounds: 5,
    prepare: open,
    sample: remove,
  },
];
