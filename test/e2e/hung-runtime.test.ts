// I20: a runtime that hangs holds up its own container. All others are listed, told of, made and run meanwhile, and the one gets a true state.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, create, inspect, list, removeForced, start, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { StuckRuntime } from "../support/stuck-runtime.ts";
import { makePlace } from "../support/test-place.ts";
import { waitFor } from "../support/wait-for.ts";

const json = { "content-type": "application/json" };
let daemon: TestDaemon;
let runtime: StuckRuntime;

beforeAll(async () => {
  const place = makePlace();
  runtime = new StuckRuntime(place);
  daemon = await startDaemon({ place, config: { runtimes: { stuck: { path: runtime.path } } } });
  await loadImage(place.socket, "busybox");
}, 30_000);

afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

/** Everything that must go on while one call hangs. */
async function othersLive(stuck: string): Promise<void> {
  const other = await startNew(daemon, { Cmd: ["sh", "-c", "exit 3"] });
  expect(await wait(daemon, other)).toBe(3);
  expect(await list(daemon, true)).toEqual(expect.arrayContaining([stuck, other]));
  await Promise.all(
    ["/info", `/containers/${stuck}/json`, `/containers/${other}/json`].map(async (path) => (await call(daemon, path)).text()),
  );
  await removeForced(daemon, other);
}

async function endHung(): Promise<void> {
  for (const pid of runtime.hung) process.kill(pid, "SIGKILL");
}

for (const command of ["create", "start"] as const) {
  test(`I20 ${command} that hangs: others run, the container says afterwards that it did not start, and starts when asked again`, async () => {
    const id = await create(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Runtime: "stuck" } });
    let answered = false;
    let starting: Promise<Response>;
    {
      using _hang = runtime.hangAt(command);
      starting = daemon.request(`/containers/${id}/start`, { method: "POST" }).finally(() => {
        answered = true;
      });
      await waitFor(() => runtime.hung.length > 0, { what: "hung runtime" });
      await othersLive(id);
      expect(answered).toBe(false);
      await endHung();
    }
    expect((await starting).status).toBe(500);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "created", Running: false, ExitCode: 128 });
    await start(daemon, id);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "running" });
    await removeForced(daemon, id);
  }, 60_000);
}

test("I20 exec that hangs: others run, and the container is still there for the next exec", async () => {
  const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Runtime: "stuck" } });
  const exec = async (): Promise<string> => {
    const body = JSON.stringify({ Cmd: ["true"], AttachStdout: true });
    const made = await call(daemon, `/containers/${id}/exec`, { method: "POST", headers: json, body });
    const { Id } = (await made.json()) as { readonly Id: string };
    // The reply began before the runtime was asked: it tells of a failure in the stream, and the code says it too.
    const said = await (await call(daemon, `/exec/${Id}/start`, { method: "POST", headers: json, body: "{}" })).text();
    const view = (await (await call(daemon, `/exec/${Id}/json`)).json()) as { readonly Running: boolean; readonly ExitCode: number };
    return `${view.Running ? "running" : view.ExitCode} ${said.slice(8).trim()}`;
  };
  {
    using _hang = runtime.hangAt("exec");
    const hung = exec();
    await waitFor(() => runtime.hung.length > 0, { what: "hung runtime" });
    await othersLive(id);
    await endHung();
    expect(await hung).toBe("126 the container's monitor ended before it reported");
  }
  expect(await exec()).toBe("0 ");
  await removeForced(daemon, id);
}, 60_000);
