// Files in and out of a running container, with Docker's own client on every engine.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, type Engine } from "./engine.ts";
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
];
