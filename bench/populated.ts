// Many containers of one shape, for figures that grow with their number.
import { ask, type Engine } from "./engine.ts";

/** How many callers make and remove them at once. */
const width = 10;

export interface PopulationOptions {
  readonly count: number;
  readonly prefix: string;
  /** What each of them runs when it is to run at all. */
  readonly command: readonly string[];
  readonly running: boolean;
}

/** Containers called PREFIX-0 and so on, with a label that tells odd from even. Disposing removes them. */
export async function populate(engine: Engine, options: PopulationOptions): Promise<AsyncDisposable> {
  const { count, prefix, command, running } = options;
  await forEach(count, async (at) => {
    const name = `${prefix}-${at}`;
    await ask(engine, "POST", `/containers/create?name=${name}`, {
      Image: "busybox",
      Cmd: command,
      Labels: { parity: at % 2 === 0 ? "even" : "odd" },
      ExposedPorts: { "80/tcp": {} },
    });
    if (running) await ask(engine, "POST", `/containers/${name}/start`);
  });
  return { [Symbol.asyncDispose]: () => forEach(count, (at) => ask(engine, "DELETE", `/containers/${prefix}-${at}?force=1`)) };
}

/** 1,000 that were never started. */
export function populateStopped(engine: Engine): Promise<AsyncDisposable> {
  return populate(engine, { count: 1_000, prefix: "stopped", command: ["true"], running: false });
}

async function forEach(count: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
