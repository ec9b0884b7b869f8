// kill -9 of the daemon in the middle of each step of the main job, at several points of its way: what was answered holds, what was not is
// there whole or not at all, the step can be done again, and nothing is left.
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { create, inspect, list, removeForced, start, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { dockerArchive, imageParts } from "../support/image-parts.ts";
import { isAlive, processState } from "../support/processes.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";
import { waitFor } from "../support/wait-for.ts";
import { databaseFaults, storedItems, storeFaults } from "../support/store-check.ts";

setDefaultTimeout(60_000);

/** Where the kill falls, as parts of the time that the step takes when nobody disturbs it. */
const points = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95];
const sleeper = { Cmd: ["sleep", "1000"] };
const large = imageParts({
  docker: true,
  gzip: true,
  layers: [1, 2, 3].map((number) => [{ name: `file${number}`, content: crypto.getRandomValues(new Uint8Array(700_000)).toHex() }]),
});
const archive = dockerArchive(large, ["large:latest"]);

interface Step {
  readonly prepare?: (daemon: TestDaemon) => Promise<void>;
  /** Resolves when the daemon has said that it is done. */
  readonly act: (daemon: TestDaemon) => Promise<unknown>;
  /** What must hold with the next daemon; `done` when the first one had said so. */
  readonly check: (daemon: TestDaemon, done: boolean) => Promise<void>;
  readonly undo: (daemon: TestDaemon) => Promise<void>;
}

let settled: SettledDaemon;
let registry: EnclosedRegistry;
let daemon: TestDaemon;
let before: string[];
const held = new AsyncDisposableStack();

beforeAll(async () => {
  settled = held.use(await startSettledDaemon());
  daemon = settled.daemon;
  before = storedItems(daemon);
  registry = held.use(
    await startEnclosedRegistry(settled.enclosure, async (outer) => {
      for (const blob of [...large.layers, large.config]) await outer.pushBlob("large", blob);
      const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
      await outer.pushManifest("large", "latest", { mediaType, bytes: large.manifest });
    }),
  );
}, 60_000);
afterEach(removeWeb);
afterAll(() => held.disposeAsync(), 60_000);

async function post(path: string, body: string | Uint8Array<ArrayBuffer> = ""): Promise<string> {
  const reply = await daemon.request(path, { method: "POST", body, headers: { "content-type": "application/x-tar" } });
  const text = await reply.text();
  if (reply.status >= 400 || text.includes('"errorDetail"')) throw new Error(`${path}: ${reply.status} ${text}`);
  return text;
}

async function remove(path: string): Promise<number> {
  const reply = await daemon.request(path, { method: "DELETE" });
  await reply.text();
  return reply.status;
}

async function removeWeb(): Promise<void> {
  expect([204, 404]).toContain(await remove("/containers/web?force=1"));
}

const pid = async (name: string): Promise<number> => (await inspect(daemon, name)).State.Pid;
const names = async (): Promise<string[]> =>
  await Promise.all((await list(daemon, true)).map(async (id) => (await inspect(daemon, id)).Name));
let runningPid = 0;

const startSleeper = async (): Promise<void> => {
  await startNew(daemon, sleeper, "web");
  runningPid = await pid("web");
};
const stillRuns = async (): Promise<void> => {
  expect([await pid("web"), isAlive(runningPid)]).toEqual([runningPid, true]);
};

const startBusy = async (): Promise<void> => void (await startNew(daemon, { Cmd: ["sh", "-c", "while :; do :; done"] }, "web"));
/** A container that works is on a processor, one that is paused is not. */
const tellsTheTruth = async (): Promise<void> => {
  const { Pid, Status } = (await inspect(daemon, "web")).State;
  expect(["running", "paused"]).toContain(Status);
  if (Status === "paused") expect(processState(Pid)).not.toBe("R");
  else await waitFor(() => processState(Pid) === "R", { what: "work of the container" });
};

function imageStep(act: () => Promise<unknown>, name: () => string): Step {
  return {
    act,
    check: async (_, done) => {
      const reply = await daemon.request(`/images/${name()}/json`);
      await reply.text();
      if (done) expect(reply.status).toBe(200);
      await act();
    },
    undo: async () => {
      expect(await remove(`/images/${name()}?force=1`)).toBe(200);
      expect(storedItems(daemon)).toEqual(before);
    },
  };
}

async function exec(): Promise<string> {
  const created = await daemon.request("/containers/web/exec", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ AttachStdout: true, Tty: true, Cmd: ["sh", "-c", "echo from the exec; exit 3"] }),
  });
  const { Id } = (await created.json()) as { readonly Id: string };
  const reply = await daemon.request(`/exec/${Id}/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ Tty: true }),
  });
  const output = await reply.text();
  const { ExitCode } = (await (await daemon.request(`/exec/${Id}/json`)).json()) as { readonly ExitCode: number };
  return `${output.trim()}, ${ExitCode}`;
}

const steps: Readonly<Record<string, Step>> = {
  load: imageStep(
    () => post("/images/load?quiet=1", archive),
    () => "large",
  ),
  pull: imageStep(
    () => post(`/images/create?fromImage=${registry.host}/large&tag=latest`),
    () => `${registry.host}/large`,
  ),
  create: {
    act: () => create(daemon, sleeper, "web"),
    check: async (_, done) => {
      const found = (await names()).includes("/web");
      if (done) expect(found).toBe(true);
      if (found) expect((await inspect(daemon, "web")).State.Status).toBe("created");
      else await create(daemon, sleeper, "web");
      await start(daemon, "web");
      expect(isAlive(await pid("web"))).toBe(true);
    },
    undo: removeWeb,
  },
  run: {
    act: async () => {
      const id = await startNew(daemon, { Cmd: ["sh", "-c", "echo ran; exit 7"] }, "web");
      return await wait(daemon, id);
    },
    check: async (_, done) => {
      if (done) expect((await inspect(daemon, "web")).State.ExitCode).toBe(7);
      await removeWeb();
      const id = await startNew(daemon, { Cmd: ["sh", "-c", "echo ran; exit 7"] }, "web");
      expect([await wait(daemon, id), await stdoutOf(daemon, id)]).toEqual([7, "ran\n"]);
    },
    undo: removeWeb,
  },
  start: {
    prepare: async () => void (await create(daemon, sleeper, "web")),
    act: () => start(daemon, "web"),
    check: async (_, done) => {
      const { State } = await inspect(daemon, "web");
      if (done) expect(State.Status).toBe("running");
      if (!State.Running) await start(daemon, "web");
      expect(isAlive(await pid("web"))).toBe(true);
    },
    undo: removeWeb,
  },
  exec: {
    prepare: startSleeper,
    act: exec,
    check: async () => {
      await stillRuns();
      expect(await exec()).toBe("from the exec, 3");
    },
    undo: removeWeb,
  },
  "logs -f": {
    prepare: async () => void (await startNew(daemon, { Cmd: ["sh", "-c", "for n in $(seq 2000); do echo $n; done"] }, "web")),
    act: async () => await (await daemon.request("/containers/web/logs?stdout=1&follow=1")).bytes(),
    check: async () => {
      expect(await wait(daemon, "web")).toBe(0);
      expect(await stdoutOf(daemon, "web")).toBe(Array.from({ length: 2000 }, (_, at) => `${at + 1}\n`).join(""));
    },
    undo: removeWeb,
  },
  pause: {
    prepare: startBusy,
    act: () => post("/containers/web/pause"),
    check: async (_, done) => {
      const { Status } = (await inspect(daemon, "web")).State;
      if (done) expect(Status).toBe("paused");
      await tellsTheTruth();
      if (Status === "running") await post("/containers/web/pause");
      await tellsTheTruth();
      await post("/containers/web/unpause");
      await tellsTheTruth();
    },
    undo: removeWeb,
  },
  unpause: {
    prepare: async () => {
      await startBusy();
      await post("/containers/web/pause");
    },
    act: () => post("/containers/web/unpause"),
    check: async (_, done) => {
      const { Status } = (await inspect(daemon, "web")).State;
      if (done) expect(Status).toBe("running");
      await tellsTheTruth();
      if (Status === "paused") await post("/containers/web/unpause");
      await tellsTheTruth();
    },
    undo: removeWeb,
  },
  stop: {
    prepare: async () => {
      const script = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done";
      const id = await startNew(daemon, { Cmd: ["sh", "-c", script] }, "web");
      while ((await stdoutOf(daemon, id)) === "") await Bun.sleep(5);
    },
    act: () => post("/containers/web/stop"),
    check: async (_, done) => {
      if (done) expect((await inspect(daemon, "web")).State.Running).toBe(false);
      await post("/containers/web/stop");
      const { Status, ExitCode, Pid } = (await inspect(daemon, "web")).State;
      expect({ Status, ExitCode, Pid }).toEqual({ Status: "exited", ExitCode: 5, Pid: 0 });
    },
    undo: removeWeb,
  },
  rm: {
    prepare: startSleeper,
    act: () => removeForced(daemon, "web"),
    check: async (_, done) => {
      if (done) expect(await names()).toEqual([]);
      await removeWeb();
      expect([await names(), isAlive(runningPid)]).toEqual([[], false]);
    },
    undo: removeWeb,
  },
};

/** Milliseconds that the step takes undisturbed, the better of two. */
async function measure(step: Step): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    await step.prepare?.(daemon);
    const began = performance.now();
    await step.act(daemon);
    times.push(performance.now() - began);
    await step.undo(daemon);
  }
  return Math.min(...times);
}

test.each(Object.keys(steps))("a daemon killed in the middle of %s", async (name) => {
  const step = steps[name];
  if (step === undefined) throw new Error(name);
  const whole = await measure(step);
  let interrupted = 0;
  for (const point of points) {
    await step.prepare?.(daemon);
    const acting = step.act(daemon).then(
      () => true,
      () => false,
    );
    await Bun.sleep(whole * point);
    await daemon.kill();
    const done = await acting;
    if (!done) interrupted += 1;
    expect(databaseFaults(daemon)).toEqual([]);
    await daemon.start();
    expect({ point, faults: await storeFaults(daemon) }).toEqual({ point, faults: [] });
    await step.check(daemon, done);
    await step.undo(daemon);
  }
  expect(interrupted).toBeGreaterThan(0);
  expect(await settled.leaks()).toEqual([]);
});
