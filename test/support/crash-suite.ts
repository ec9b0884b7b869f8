// I06: killed at any system call of a create, a start or a removal, the next daemon shows the old state or the new one, whole.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { call, create, inspect, list, removeForced, start } from "./container-calls.ts";
import { type Crashing, crashThrough } from "./crash-through.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { loadImage } from "./images.ts";
import { isAlive, markedProcesses } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const body = { Cmd: ["sleep", "1000"] };
let daemon: TestDaemon;

/** One test an act; `tries` is how many of its points are tried, evenly spread. */
export function crashSuite(tries: number): void {
  beforeAll(async () => {
    daemon = await startDaemon({ enclosed: true });
    await loadImage(daemon.place.socket, "busybox");
  }, 30_000);

  afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

  test("I06 create() is whole or never was", async () => {
    await crashThrough(crashing(tries), {
      prepare: () => Promise.resolve(`c${crypto.randomUUID()}`),
      act: (name) => create(daemon, body, name),
      check: async (name) => {
        const reply = await daemon.request(`/containers/${name}/json`);
        if (reply.status === 404) await create(daemon, body, name);
        expect((await inspect(daemon, name)).State.Status).toBe("created");
        await start(daemon, name);
      },
    });
  }, 300_000);

  test("I06 start() runs or never did", async () => {
    await crashThrough(crashing(tries), {
      prepare: () => create(daemon, body),
      act: (id) => start(daemon, id),
      check: async (id) => {
        const { State } = await inspect(daemon, id);
        expect(["created", "running"]).toContain(State.Status);
        if (State.Status === "running") expect(isAlive(State.Pid)).toBe(true);
        else await start(daemon, id);
      },
    });
  }, 300_000);

  test("I06 remove() removes, or nothing happened, or can be said again", async () => {
    await crashThrough(crashing(tries), {
      prepare: async () => {
        const id = await create(daemon, body);
        await start(daemon, id);
        return id;
      },
      act: (id) => call(daemon, `/containers/${id}?force=1`, { method: "DELETE" }),
      check: async (id) => {
        const reply = await daemon.request(`/containers/${id}/json`);
        if (reply.status === 404) return;
        const { State } = (await reply.json()) as { readonly State: { readonly Status: string } };
        expect(["running", "exited"]).toContain(State.Status);
        await removeForced(daemon, id);
      },
    });
  }, 300_000);
}

/** A first life in each daemon starts the threads that the second one needs. */
async function warmUp(): Promise<void> {
  const id = await create(daemon, body);
  await start(daemon, id);
  await removeForced(daemon, id);
}

const crashing = (tries: number): Crashing => ({ daemon, tries, warmUp, expectWhole });

/** A folder for each row, a monitor for each that runs, and nothing more. */
async function expectWhole(): Promise<void> {
  const ids = (await list(daemon, true)).toSorted();
  const running = await list(daemon);
  const { dataRoot, token } = daemon.place;
  const monitors = (): string[] => markedProcesses(token).flatMap(({ command }) => /^\S*conmon .*--cid[= ](\w+)/.exec(command)?.[1] ?? []);
  const seen = (): unknown => ({ folders: readdirSync(join(dataRoot, "containers")).toSorted(), monitors: monitors().toSorted() });
  const whole = { folders: ids, monitors: running.toSorted() };
  // What a crash left is cleared away behind the first answer.
  await waitFor(() => Bun.deepEquals(seen(), whole), { what: "debris to be gone", deadline: 5_000 }).catch(() => undefined);
  expect(seen()).toEqual(whole);
}
