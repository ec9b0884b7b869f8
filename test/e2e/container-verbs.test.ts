// What the verbs of containers promise, over the API of a real daemon.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { call, create, inspect, start, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { freePort } from "../support/fabric-place.ts";
import { loadImage } from "../support/images.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
});

const quiet = { NetworkMode: "none" };

async function post(path: string): Promise<{ readonly status: number; readonly message: string }> {
  const reply = await daemon.request(path, { method: "POST" });
  const text = await reply.text();
  return { status: reply.status, message: text === "" ? "" : String((JSON.parse(text) as { readonly message?: string }).message) };
}

async function exitCode(id: string, condition: string): Promise<number> {
  const reply = await call(daemon, `/containers/${id}/wait?condition=${condition}`, { method: "POST" });
  return ((await reply.json()) as { readonly StatusCode: number }).StatusCode;
}

describe("start, stop and restart", () => {
  test("say by 304 that there is nothing to do", async () => {
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet });
    expect((await post(`/containers/${id}/start`)).status).toBe(304);
    expect((await post(`/containers/${id}/stop?t=0`)).status).toBe(204);
    expect((await post(`/containers/${id}/stop`)).status).toBe(304);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "exited", ExitCode: 137 });
  });

  test("a stop asks with the stop signal before it kills", async () => {
    const id = await startNew(daemon, {
      Cmd: ["sh", "-c", "trap 'exit 5' USR1; echo up; while :; do sleep 0.05; done"],
    });
    await waitFor(async () => (await stdoutOf(daemon, id)) !== "", { what: "trap of a container" });
    await (await call(daemon, `/containers/${id}/stop?signal=USR1&t=30`, { method: "POST" })).text();
    expect((await inspect(daemon, id)).State.ExitCode).toBe(5);
  });

  test("a restart gives a new process, also to a container that goes with its end", async () => {
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { ...quiet, AutoRemove: true } });
    const before = (await inspect(daemon, id)).State.Pid;
    expect((await post(`/containers/${id}/restart?t=0`)).status).toBe(204);
    const after = await inspect(daemon, id);
    expect(after.State).toMatchObject({ Status: "running" });
    expect(after.State.Pid).not.toBe(before);
    const removed = exitCode(id, "removed");
    await post(`/containers/${id}/kill`);
    expect(await removed).toBe(137);
    expect((await daemon.request(`/containers/${id}/json`)).status).toBe(404);
  });

  test("a container that ended starts anew with what it had written", async () => {
    const id = await startNew(daemon, { Cmd: ["sh", "-c", "test -e /seen && exit 9; touch /seen"], HostConfig: quiet });
    expect(await wait(daemon, id)).toBe(0);
    await start(daemon, id);
    expect(await wait(daemon, id)).toBe(9);
  });
});

describe("wait", () => {
  test("has three conditions, each true at its own moment", async () => {
    const id = await create(daemon, { Cmd: ["sh", "-c", "exit 3"], HostConfig: quiet });
    expect(await exitCode(id, "not-running")).toBe(0);
    const next = exitCode(id, "next-exit");
    const removed = exitCode(id, "removed");
    await start(daemon, id);
    expect(await next).toBe(3);
    expect(await exitCode(id, "not-running")).toBe(3);
    await (await call(daemon, `/containers/${id}`, { method: "DELETE" })).text();
    expect(await removed).toBe(3);
  });
});

describe("a start that fails", () => {
  test("leaves code and reason, wakes who waits, and can be tried again", async () => {
    const id = await create(daemon, { Cmd: ["nope"], HostConfig: quiet }, "failing");
    const next = exitCode(id, "next-exit");
    const failed = await post(`/containers/${id}/start`);
    expect(failed.status).toBe(400);
    expect(failed.message).toEndWith('exec: "nope": executable file not found in $PATH');
    expect(await next).toBe(127);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "created", ExitCode: 127 });
    expect((await post(`/containers/${id}/start`)).status).toBe(400);
  });

  test("for a port that another container has, names port and endpoint, and gives the port to neither twice", async () => {
    const hostPort = String(freePort());
    const port = { HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: hostPort }] } }, Cmd: ["sleep", "1000"] };
    const holder = await startNew(daemon, port, "holder");
    const late = await create(daemon, port, "late");
    const refused = await post(`/containers/${late}/start`);
    expect(refused.status).toBe(500);
    expect(refused.message.replace(/[0-9a-f]{64}/, "ID")).toBe(
      "failed to set up container networking: driver failed programming external connectivity on endpoint late (ID): " +
        `Bind for 127.0.0.1:${hostPort} failed: port is already allocated by container holder`,
    );
    await post(`/containers/${holder}/stop?t=0`);
    expect((await post(`/containers/${late}/start`)).status).toBe(204);
  });
});

describe("same-name races", () => {
  test("twenty creates of one name make one container", async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ Image: "busybox" }) };
        return (await daemon.request("/containers/create?name=only-one", init)).status;
      }),
    );
    expect(replies.toSorted((one, other) => one - other)).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  test("ten starts of one container start it once", async () => {
    const id = await create(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet });
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await post(`/containers/${id}/start`)).status));
    expect(statuses.toSorted((one, other) => one - other)).toEqual([204, ...Array.from({ length: 9 }, () => 304)]);
  });
});
