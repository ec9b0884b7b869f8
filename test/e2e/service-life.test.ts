// The daemon as systemd runs it, without systemd: told so by its environment, in a control group of the service's, and with a mount
// namespace of its own in each life, as ProtectKernelModules= gives it (row H29).
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { monitorFolders, readCgroupLayout } from "#linux";
import { inspect, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { makePlace } from "../support/test-place.ts";
import { builtProgram } from "../support/tools.ts";

const place = makePlace();
const service = `/${place.token}.service`;
let daemon: TestDaemon;

setDefaultTimeout(30_000);

beforeAll(async () => {
  const folders = monitorFolders(readCgroupLayout(), service);
  const enter = folders.map((folder) => `mkdir -p ${folder} && echo $$ > ${folder}/cgroup.procs`);
  const script = [...enter, 'exec unshare --mount --propagation slave -- "$0" "$@"'].join(" && ");
  daemon = await startDaemon({ place, program: ["sh", "-c", script, builtProgram("gantryd")], env: { INVOCATION_ID: "0".repeat(32) } });
  await loadImage(place.socket, "busybox");
}, 60_000);

afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** True when systemd would take the process for one of the service. */
function isInService(pid: number): boolean {
  const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").trimEnd().split("\n");
  return groups.some((line) => line.endsWith(service) || line.includes(`${service}/`));
}

test("containers and their monitors are not in the service's control group, through 20 deaths of the daemon", async () => {
  const ids = [await startNew(daemon, { Cmd: ["sleep", "600"] })];
  for (let life = 0; life < 20; life += 1) {
    await daemon.kill();
    await daemon.start();
  }
  ids.push(await startNew(daemon, { Cmd: ["sleep", "600"] }));
  expect(isInService(daemon.pid)).toBe(true);
  for (const id of ids) {
    const { Pid: pid } = (await inspect(daemon, id)).State;
    expect([isInService(pid), isInService(parentOf(pid))]).toEqual([false, false]);
    // Made in a mount namespace that is no longer there.
    expect((await daemon.docker(["exec", id, "echo", "alive"])).stdout).toBe("alive\n");
    expect((await daemon.docker(["rm", "-f", id])).code).toBe(0);
  }
});

test("a container that was made in one life starts in the next", async () => {
  expect((await daemon.docker(["create", "--name", "later", "busybox", "echo", "later"])).code).toBe(0);
  await daemon.terminate();
  await daemon.start();
  expect(await daemon.docker(["start", "-a", "later"])).toMatchObject({ code: 0, stdout: "later\n" });
  expect((await daemon.docker(["rm", "later"])).code).toBe(0);
});
