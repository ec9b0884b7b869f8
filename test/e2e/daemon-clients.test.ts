// What the daemon's death is to its clients: the end of a connection, never of what they asked for.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inspect, removeForced, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import { isAlive } from "../support/processes.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { waitFor } from "../support/wait-for.ts";

let settled: SettledDaemon;

beforeAll(async () => {
  settled = await startSettledDaemon();
}, 30_000);

afterAll(() => settled[Symbol.asyncDispose](), 60_000);

/** Says "ready", then a line a write to its gate, and ends with the code when that says "end". */
const gated = (code: number): { readonly Cmd: readonly string[] } => ({
  Cmd: ["sh", "-c", `mkfifo /gate; exec 3<>/gate; echo ready; while read -u 3 word; do echo $word; [ $word = end ] && exit ${code}; done`],
});
const say = (id: string, word: string): Promise<unknown> => settled.daemon.docker(["exec", id, "sh", "-c", `echo ${word} >/gate`]);

test("docker wait and docker logs -f end with the daemon, and take up again with the next one", async () => {
  const { daemon } = settled;
  const id = await startNew(daemon, gated(7));
  await say(id, "one");
  const waiting = daemon.docker(["wait", id]);
  const following = daemon.docker(["logs", "-f", id]);
  await waitFor(async () => (await stdoutOf(daemon, id)) === "ready\none\n", { what: "first lines" });
  await daemon.kill();
  const [waited, followed] = await Promise.all([waiting, following]);
  expect(waited.code).not.toBe(0);
  expect(followed.stdout).toMatch(/^(ready\n(one\n)?)?$/);
  await daemon.start();
  const again = [daemon.docker(["wait", id]), daemon.docker(["logs", "-f", id])];
  await say(id, "two");
  await say(id, "end");
  expect(await Promise.all(again)).toEqual([
    { code: 0, stdout: "7\n", stderr: "" },
    { code: 0, stdout: "ready\none\ntwo\nend\n", stderr: "" },
  ]);
  await removeForced(daemon, id);
}, 30_000);

test("a container whose docker run lost its daemon runs on, and can be attached to again", async () => {
  const { daemon } = settled;
  const running = daemon.docker(["run", "--name", "front", "busybox", ...gated(8).Cmd]);
  await waitFor(async () => (await daemon.request("/containers/front/json")).ok && (await stdoutOf(daemon, "front")) !== "", {
    what: "start",
  });
  const { Pid } = (await inspect(daemon, "front")).State;
  await daemon.kill();
  expect((await running).code).not.toBe(0);
  expect(isAlive(Pid)).toBe(true);
  await daemon.start();
  const attached = daemon.docker(["attach", "--no-stdin", "front"]);
  await waitFor(async () => (await say("front", "more"), (await stdoutOf(daemon, "front")).includes("more\n")), { what: "line" });
  await say("front", "end");
  const { code, stdout } = await attached;
  expect({ code, ends: stdout.endsWith("end\n") }).toEqual({ code: 8, ends: true });
  await removeForced(daemon, "front");
}, 30_000);

test("a --rm container that ends while the daemon is dead is removed by the next one, one that runs on by its end", async () => {
  const { daemon } = settled;
  const body = { ...gated(0), HostConfig: { AutoRemove: true } };
  const [gone, stays] = [await startNew(daemon, body), await startNew(daemon, body)];
  const { Pid } = (await inspect(daemon, gone)).State;
  await daemon.kill();
  process.kill(Pid, "SIGKILL");
  await waitFor(() => !isAlive(Pid), { what: "end of a container" });
  await daemon.start();
  const folder = (id: string): string => join(daemon.place.dataRoot, "containers", id);
  await waitFor(async () => (await daemon.request(`/containers/${gone}/json`)).status === 404, { what: "removal at the start" });
  await waitFor(() => !existsSync(folder(gone)), { what: "removal of the folder" });
  const code = wait(daemon, stays);
  await say(stays, "end");
  expect(await code).toBe(0);
  await waitFor(async () => (await daemon.request(`/containers/${stays}/json`)).status === 404, { what: "removal at its end" });
  expect(await settled.leaks()).toEqual([]);
}, 30_000);
