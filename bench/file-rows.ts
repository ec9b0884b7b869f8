// Files in and out of containers and volumes, with Docker's own client on every engine.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archive, type ArchiveMember } from "../test/support/archive.ts";
import { ask, docker, type Engine } from "./engine.ts";
import { timed, type Row } from "./row.ts";

const size = 2 ** 30;
const folder = join(tmpdir(), `gantry-bench-files-${process.pid}`);

async function must(engine: Engine, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(engine, ...args);
  if (code !== 0) throw new Error(`${engine.name}: docker ${args.join(" ")}: exit code ${code}: ${stderr}`);
}

/** A container with a file of 1 GiB, and the same file here. */
async function open(engine: Engine): Promise<AsyncDisposable> {
  const here = mkdtempSync(`${folder}-`);
  const file = join(here, "large");
  writeFileSync(file, new Uint8Array(size).fill(0x61));
  await must(engine, "run", "-d", "--name", "filed", "busybox", "sleep", "100000");
  await must(engine, "cp", file, "filed:/large");
  places.set(engine, here);
  return {
    [Symbol.asyncDispose]: async () => {
      await must(engine, "rm", "-f", "filed");
      rmSync(here, { recursive: true });
    },
  };
}

/** An image with so many files, a hundred in a folder. */
async function importImage(engine: Engine, name: string, files: number): Promise<void> {
  const here = mkdtempSync(`${folder}-`);
  const file = join(here, "image.tar");
  const members: ArchiveMember[] = [{ name: "many", type: "directory" }];
  for (let at = 0; at < files; at += 1) {
    if (at % 100 === 0) members.push({ name: `many/${at}`, type: "directory" });
    members.push({ name: `many/${at - (at % 100)}/${at}.txt`, content: `file ${at}\n`.repeat(100) });
  }
  writeFileSync(file, archive(members));
  try {
    await must(engine, "import", file, name);
  } finally {
    rmSync(here, { recursive: true });
  }
}

let filled = 0;

/** The create that fills a volume, and nothing else: what it made is removed behind the clock. */
async function fillVolume(engine: Engine): Promise<number> {
  filled += 1;
  const [container, volume] = [`filled-${filled}`, `filling-${filled}`];
  const duration = await timed(() => must(engine, "create", "--name", container, "-v", `${volume}:/many`, "many-files", "true"));
  await must(engine, "rm", container);
  await must(engine, "volume", "rm", volume);
  return duration;
}

/** A container over 50,000 files that has changed ten. */
async function openChanged(engine: Engine): Promise<AsyncDisposable> {
  await importImage(engine, "changed-files", 50_000);
  await must(engine, "create", "--name", "changed", "changed-files", "true");
  const here = mkdtempSync(`${folder}-`);
  const file = join(here, "fresh");
  writeFileSync(file, "fresh");
  for (let at = 0; at < 10; at += 1) await must(engine, "cp", file, `changed:/many/${at * 5000}/${at * 5000}.txt`);
  rmSync(here, { recursive: true });
  return {
    [Symbol.asyncDispose]: async () => {
      await must(engine, "rm", "changed");
      await must(engine, "rmi", "changed-files");
    },
  };
}

const places = new Map<Engine, string>();
const at = (engine: Engine, name: string): string => join(places.get(engine) ?? folder, name);

export const fileRows: readonly Row[] = [
  {
    id: "F1",
    title: "docker cp of 1 GiB into a container",
    unit: "ms",
    floor: 2,
    rounds: 5,
    prepare: open,
    sample: (engine) => timed(() => must(engine, "cp", at(engine, "large"), "filed:/large")),
  },
  {
    id: "F2",
    title: "docker cp of 1 GiB out of a container",
    unit: "ms",
    floor: 2,
    rounds: 5,
    prepare: open,
    sample: (engine) => timed(() => must(engine, "cp", "filed:/large", at(engine, "back"))),
  },
  {
    id: "F3",
    title: "docker create that fills a volume with 10,000 files",
    unit: "ms",
    floor: 2,
    rounds: 5,
    prepare: async (engine) => {
      await importImage(engine, "many-files", 10_000);
      return { [Symbol.asyncDispose]: () => must(engine, "rmi", "many-files") };
    },
    sample: fillVolume,
  },
  {
    id: "F4",
    title: "diff of a container with 10 changes in 50,000 files (API)",
    unit: "ms",
    bound: 20,
    prepare: openChanged,
    sample: (engine) => timed(() => ask(engine, "GET", "/containers/changed/changes")),
  },
];
