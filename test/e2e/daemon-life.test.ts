// The daemon's own life: quick to be back, no heavier after many containers, gone by SIGTERM without a trace in what runs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create, inspect, list, removeForced, start, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import { succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { openEnclosure } from "../support/enclosure.ts";
import { loadImage } from "../support/images.ts";
import { middle } from "../support/kill-rounds.ts";
import { leaksSince, takeInventory } from "../support/leaks.ts";
import { isAlive } from "../support/processes.ts";
import { makePlace } from "../support/test-place.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  const place = makePlace();
  daemon = await startDaemon({ place, enclosed: true });
  await loadImage(place.socket, "busybox");
}, 30_000);

afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

const sleeping = { Cmd: ["sleep", "1000"] };
const pidsOf = (ids: readonly string[]): Promise<number[]> => Promise.all(ids.map(async (id) => (await inspect(daemon, id)).State.Pid));

/** Pids of monitors: the parents of the containers' first processes. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test("I02 a daemon with 40 running containers is back within a second of its death", async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, () => startNew(daemon, sleeping)));
  const pids = await pidsOf(ids);
  const ready: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await daemon.kill();
    ready.push(await daemon.start());
    expect((await list(daemon)).toSorted()).toEqual(ids.toSorted());
    expect(await pidsOf(ids)).toEqual(pids);
  }
  expect(middle(ready)).toBeLessThan(1_000);
  await Promise.all(ids.map((id) => removeForced(daemon, id)));
}, 60_000);

test("SIGTERM leaves containers as they are, and the next daemon takes them back", async () => {
  const id = await startNew(daemon, { Cmd: ["sh", "-c", "echo before; mkfifo /gate; read _ </gate; echo after; exit 9"] });
  const [pid = 0] = await pidsOf([id]);
  await daemon.terminate();
  expect(isAlive(pid)).toBe(true);
  await daemon.start();
  expect((await inspect(daemon, id)).State).toMatchObject({ Status: "running", Pid: pid });
  const code = wait(daemon, id);
  expect(await daemon.docker(["exec", id, "sh", "-c", "echo >/gate"])).toMatchObject({ code: 0 });
  expect(await code).toBe(9);
  expect(await stdoutOf(daemon, id)).toBe("before\nafter\n");
  await removeForced(daemon, id);
}, 30_000);

test("an exit during a clean outage is reported with its code", async () => {
  const id = await startNew(daemon, { Cmd: ["sh", "-c", "trap 'exit 42' TERM; mkfifo /gate; exec 3<>/gate; echo ready; read -u 3 _"] });
  await waitFor(async () => (await stdoutOf(daemon, id)) !== "", { what: "trap of a container" });
  const [pid = 0] = await pidsOf([id]);
  await daemon.terminate();
  process.kill(pid, "SIGTERM");
  await waitFor(() => !isAlive(pid), { what: "end of a container" });
  await daemon.start();
  expect((await inspect(daemon, id)).State).toMatchObject({ Status: "exited", ExitCode: 42 });
  await removeForced(daemon, id);
}, 30_000);

test("containers whose start or life ended with the daemon can be started with the first answer of the next one", async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => create(daemon, sleeping)));
  for (let round = 0; round < 4; round += 1) {
    // Half of them run, half are cut off in their start.
    await Promise.all(ids.slice(0, 6).map((id) => start(daemon, id)));
    const cut = Promise.allSettled(ids.slice(6).map((id) => start(daemon, id)));
    const pids = await pidsOf(ids.slice(0, 6));
    await daemon.kill();
    await cut;
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await daemon.start();
    const started = await Promise.all(ids.map((id) => daemon.request(`/containers/${id}/start`, { method: "POST" })));
    for (const reply of started) expect([reply.status, await reply.text()]).toEqual([reply.status === 304 ? 304 : 204, ""]);
    // Long enough for whatever is cleared away behind the start of the daemon.
    for (const id of ids) expect(await daemon.gantry(["exec", id, "true"])).toMatchObject({ code: 0 });
    for (const pid of await pidsOf(ids)) expect(isAlive(pid)).toBe(true);
    await Promise.all(ids.map((id) => daemon.request(`/containers/${id}/stop?t=0`, { method: "POST" }).then((reply) => reply.text())));
  }
  await Promise.all(ids.map((id) => removeForced(daemon, id)));
}, 60_000);

test("I04 a monitor's death is noticed: its container ends, says 255 or the truth, and can be removed", async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => startNew(daemon, sleeping)));
  const pids = await pidsOf(ids);
  const monitors = pids.map(parentOf);
  const codes = Promise.all(ids.map((id) => wait(daemon, id)));
  for (const monitor of monitors) process.kill(monitor, "SIGKILL");
  // Ended by the daemon, since nobody held its output any more: 137 where the kernel tells (6.15), else unknown.
  for (const code of await codes) expect([137, 255]).toContain(code);
  expect(pids.filter(isAlive)).toEqual([]);
  const states = await Promise.all(ids.map(async (id) => (await inspect(daemon, id)).State.Status));
  expect(states).toEqual(ids.map(() => "exited"));
  await Promise.all(ids.map((id) => removeForced(daemon, id)));
  expect(await list(daemon, true)).toEqual([]);
}, 30_000);

test("I04 monitor and daemon die together: the next daemon ends the orphan and says so", async () => {
  const id = await startNew(daemon, sleeping);
  const [pid = 0] = await pidsOf([id]);
  await daemon.kill();
  process.kill(parentOf(pid), "SIGKILL");
  await daemon.start();
  await waitFor(async () => !(await inspect(daemon, id)).State.Running, { what: "notice of a monitor's death" });
  expect([137, 255]).toContain((await inspect(daemon, id)).State.ExitCode);
  await waitFor(() => !isAlive(pid), { what: "end of an orphan" });
  await removeForced(daemon, id);
}, 30_000);

test("I05 100 lives of containers leave nothing, and the daemon with as many descriptors as before", async () => {
  const cycle = async (): Promise<void> => {
    const id = await create(daemon, { Cmd: ["echo", "life"] });
    await start(daemon, id);
    expect(await wait(daemon, id)).toBe(0);
    await removeForced(daemon, id);
  };
  const open = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;
  const trash = join(daemon.place.dataRoot, "trash");
  const quiet = (): Promise<boolean> => waitFor(() => readdirSync(trash).length === 0, { what: "empty trash" });
  // What is opened once and kept is open after these.
  await Promise.all(Array.from({ length: 10 }, cycle));
  await quiet();
  const { enclosure, place } = daemon;
  if (enclosure === undefined) throw new Error("the daemon is enclosed");
  const scope = { place, enclosure };
  const before = await takeInventory(scope);
  const descriptors = open();
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 5 }, cycle));
  await quiet();
  expect(await leaksSince(before, scope)).toEqual([]);
  await waitFor(() => open() <= descriptors, { what: `${descriptors} descriptors of the daemon, not ${open()}` });
}, 90_000);

/** Paths of a process's control groups, each once. */
const groupsOf = (pid: number): string[] => [
  ...new Set(
    readFileSync(`/proc/${pid}/cgroup`, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(":")[2] ?? ""),
  ),
];

test("the daemon has a control group of its own, in which neither monitors nor containers are", async () => {
  const own = `/gantry-run-${daemon.place.token}/daemon`;
  await waitFor(() => groupsOf(daemon.pid).includes(own), { what: "group of the daemon" });
  const id = await startNew(daemon, sleeping);
  const [pid = 0] = await pidsOf([id]);
  expect(groupsOf(pid)).toContain(`/gantry-run-${daemon.place.token}/c/${id}`);
  expect(groupsOf(parentOf(pid))).toContain(`/gantry-run-${daemon.place.token}/m/${id}`);
  expect([...groupsOf(pid), ...groupsOf(parentOf(pid))]).not.toContain(own);
  await removeForced(daemon, id);
});

test("the daemon goes before what it runs when all want a CPU", async () => {
  const line = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const groupOf = (pid: number): string => /^\d+:(?:\w+,)*cpu(?:,\w+)*:(.*)$/m.exec(line(pid))?.[1] ?? "";
  await waitFor(() => groupOf(daemon.pid).endsWith("-engine"), { what: "group of the daemon" });
  const id = await startNew(daemon, sleeping);
  const [pid = 0] = await pidsOf([id]);
  const sharesOf = (group: string): string => readFileSync(`/sys/fs/cgroup/cpu${group}/cpu.shares`, "utf8").trim();
  expect([sharesOf(groupOf(daemon.pid)), sharesOf(groupOf(pid))]).toEqual(["8192", "1024"]);
  await removeForced(daemon, id);
});

test("the daemon is a late victim of the kernel where it may say so, its containers are not", async () => {
  const capabilities = BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
  const mayLower = (capabilities & (1n << 24n)) !== 0n;
  const scoreOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8"));
  await waitFor(() => scoreOf(daemon.pid) === (mayLower ? -500 : scoreOf(process.pid)), { what: "OOM score of the daemon" });
  const id = await startNew(daemon, sleeping);
  const [pid = 0] = await pidsOf([id]);
  expect(scoreOf(pid)).toBe(0);
  await removeForced(daemon, id);
});

test("a data root on tmpfs works", async () => {
  await using enclosure = await openEnclosure();
  const place = makePlace();
  mkdirSync(place.dataRoot);
  await succeed([...enclosure.prefix, "mount", "-t", "tmpfs", "tmpfs", place.dataRoot]);
  await using other = await startDaemon({ place, enclosure });
  await loadImage(place.socket, "busybox");
  const { code, stdout } = await other.docker(["run", "--rm", "busybox", "sh", "-c", "echo kept >/file; cat /file"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "kept\n" });
}, 60_000);

test("a data root on overlay says why no container can run there", async () => {
  await using enclosure = await openEnclosure();
  const place = makePlace();
  for (const name of ["data", "lower", "upper", "work"]) mkdirSync(join(place.home, name));
  const [lower = "", upper = "", work = ""] = ["lower", "upper", "work"].map((name) => join(place.home, name));
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await succeed([...enclosure.prefix, "mount", "-t", "overlay", "overlay", "-o", options, place.dataRoot]);
  await using other = await startDaemon({ place, enclosure });
  await loadImage(place.socket, "busybox");
  const { code, stderr } = await other.docker(["run", "--rm", "busybox", "true"]);
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/upper not supported as upperdir/) });
}, 60_000);
