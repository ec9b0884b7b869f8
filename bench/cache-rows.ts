// Memory that a sealed layer takes: pages of its archive, which nobody needs beside those that containers read through the index.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "../test/support/command.ts";
import { docker, type Engine } from "./engine.ts";
import { shelf } from "./image-shelf.ts";
import type { Row } from "./row.ts";

const open = (engine: Engine): Promise<AsyncDisposable> => shelf.open(engine);

function archivesOf(engine: Engine): ReadonlySet<string> {
  const folder = join(engine.dataRoot, "layers");
  return new Set(readdirSync(folder).flatMap((name) => (name === "ingest" ? [] : [join(folder, name, "layer.tar")])));
}

async function cachedBytes(paths: readonly string[]): Promise<number> {
  const lines = await succeed(["fincore", "--bytes", "--noheadings", "--output", "RES", ...paths]);
  return lines.split("\n").reduce((sum, line) => sum + Number(line), 0);
}

interface Pulled {
  readonly name: string;
  readonly archives: readonly string[];
  readonly size: number;
}

async function pullNext(engine: Engine): Promise<Pulled> {
  const before = archivesOf(engine);
  const { name } = await shelf.next(engine);
  await docker(engine, "pull", "-q", name);
  const archives = [...archivesOf(engine)].filter((path) => !before.has(path));
  return { name, archives, size: archives.reduce((sum, path) => sum + statSync(path).size, 0) };
}

async function afterPull(engine: Engine): Promise<number> {
  const { archives, size } = await pullNext(engine);
  return (await cachedBytes(archives)) / size;
}

/** What is read is in memory once for the reader; what more there is of it is the archive's. */
async function afterReading(engine: Engine): Promise<number> {
  const { name, archives, size } = await pullNext(engine);
  const { stdout } = await docker(engine, "create", name, "nothing");
  await docker(engine, "export", "-o", "/dev/null", stdout.trim());
  await docker(engine, "rm", stdout.trim());
  return 1 + (await cachedBytes(archives)) / size;
}

export const cacheRows: readonly Row[] = [
  {
    id: "P8",
    title: "pages of a layer's archive in memory after a pull, over its size",
    unit: "x",
    bound: 0.05,
    rounds: 3,
    alone: true,
    driver: "sealed",
    prepare: open,
    sample: afterPull,
  },
  {
    id: "P8a",
    title: "memory taken by reading all of an image, over its size",
    unit: "x",
    bound: 1.25,
    rounds: 3,
    alone: true,
    driver: "sealed",
    prepare: open,
    sample: afterReading,
  },
];
