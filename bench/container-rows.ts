// Start and exec: what a user waits for.
import { ask, docker, type Engine } from "./engine.ts";
import { timed, type Row } from "./row.ts";

interface Created {
  readonly Id: string;
}

async function expectRun(engine: Engine, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await docker(engine, ...args);
  if (code !== 0) throw new Error(`${engine.name}: docker ${args.join(" ")}: exit code ${code}: ${stderr}`);
}

/** A container to exec into. */
async function openTarget(engine: Engine): Promise<AsyncDisposable> {
  await expectRun(engine, "run", "-d", "--name", "target", "busybox", "sleep", "100000");
  return { [Symbol.asyncDispose]: () => expectRun(engine, "rm", "-f", "target") };
}

async function apiRun(engine: Engine): Promise<void> {
  const { Id } = await ask<Created>(engine, "POST", "/containers/create", { Image: "busybox", Cmd: ["true"] });
  await ask(engine, "POST", `/containers/${Id}/start`);
  await ask(engine, "POST", `/containers/${Id}/wait`);
  await ask(engine, "DELETE", `/containers/${Id}`);
}

async function apiExec(engine: Engine): Promise<void> {
  const { Id } = await ask<Created>(engine, "POST", "/containers/target/exec", { Cmd: ["true"], AttachStdout: true, AttachStderr: true });
  await ask(engine, "POST", `/exec/${Id}/start`, { Detach: false, Tty: false });
}

function atOnce(work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: 20 }, work));
}

export const containerRows: readonly Row[] = [
  {
    id: "S1",
    title: "docker run --rm busybox true, bridge",
    unit: "ms",
    floor: 8,
    sample: (engine) => timed(() => expectRun(engine, "run", "--rm", "busybox", "true")),
    sampleTool: (tool) => timed(() => tool.runTrue()),
  },
  {
    id: "S2",
    title: "API: create, start, wait, delete",
    unit: "ms",
    floor: 10,
    sample: (engine) => timed(() => apiRun(engine)),
  },
  {
    id: "S4",
    title: "docker exec true",
    unit: "ms",
    floor: 3,
    prepare: openTarget,
    sample: (engine) => timed(() => expectRun(engine, "exec", "target", "true")),
  },
  {
    id: "S4a",
    title: "API: exec true",
    unit: "ms",
    floor: 8,
    prepare: openTarget,
    sample: (engine) => timed(() => apiExec(engine)),
  },
  {
    id: "S5",
    title: "20 x docker run --rm busybox true at once",
    unit: "ms",
    floor: 8,
    sample: (engine) => timed(() => atOnce(() => expectRun(engine, "run", "--rm", "busybox", "true"))),
    sampleTool: (tool) => timed(() => atOnce(() => tool.runTrue())),
  },
];
