// Containers that are started again by their policy, by what clients see of them; and over the life of daemons.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { call, inspect, list, removeForced } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

setDefaultTimeout(30_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

afterEach(async () => {
  await Promise.all((await list(daemon, true)).map((id) => removeForced(daemon, id)));
});

async function background(name: string, restart: string, ...command: readonly string[]): Promise<string> {
  const options = ["-d", "--name", name, "--network", "none", "--restart", restart];
  const { code, stdout, stderr } = await daemon.gantry(["run", ...options, "busybox", ...command]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function countOf(id: string): Promise<number> {
  return ((await inspect(daemon, id)) as unknown as { readonly RestartCount: number }).RestartCount;
}

async function statusOf(id: string): Promise<string> {
  return (await inspect(daemon, id)).State.Status;
}

describe("a container that fails", () => {
  test("is started again as often as was said, and whoever waits hears of the last end", async () => {
    const id = await background("twice", "on-failure:2", "sh", "-c", "echo x >> /tries; exit 3");
    expect((await daemon.gantry(["wait", "twice"])).stdout).toBe("3\n");
    expect([await countOf(id), await statusOf(id)]).toEqual([2, "exited"]);
    await daemon.gantry(["cp", "twice:/tries", `${daemon.place.home}/tries`]);
    expect(await Bun.file(`${daemon.place.home}/tries`).text()).toBe("x\nx\nx\n");
    const policy = await daemon.gantry(["inspect", "-f", "{{json .HostConfig.RestartPolicy}}", "twice"]);
    expect(policy.stdout).toBe('{"Name":"on-failure","MaximumRetryCount":2}\n');
  });

  test("runs for clients while it waits for its next start, and stays ended when somebody stops it then", async () => {
    const id = await background("loop", "always", "false");
    await waitFor(async () => (await countOf(id)) >= 3 && (await statusOf(id)) === "restarting", { what: "a wait for the next start" });
    expect((await inspect(daemon, id)).State).toMatchObject({ Running: true, Restarting: true, Pid: 0, ExitCode: 1 });
    expect((await daemon.gantry(["ps", "--format", "{{.State}} {{.Status}}"])).stdout).toMatch(/^restarting Restarting \(1\) .* ago\n$/);
    const refused = async (...args: readonly string[]): Promise<string> => (await daemon.gantry(args)).stderr.trim();
    const words = `Error response from daemon: Container ${id} is restarting, wait until the container is running`;
    expect([await refused("exec", "loop", "true"), await refused("pause", "loop")]).toEqual([words, words]);
    expect(await refused("rm", "loop")).toContain("container is restarting: stop the container before removing or force remove");
    expect((await daemon.gantry(["stop", "loop"])).stdout).toBe("loop\n");
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "exited", ExitCode: 1 });
    const before = await countOf(id);
    await daemon.gantry(["update", "--restart", "no", "loop"]);
    await daemon.gantry(["start", "loop"]);
    await daemon.gantry(["wait", "loop"]);
    expect([before >= 3, await countOf(id), await statusOf(id)]).toEqual([true, 0, "exited"]);
  });

  test("is gone after rm -f at whatever point of its loop", async () => {
    for (let round = 0; round < 6; round += 1) {
      const id = await background(`gone-${round}`, "always", "false");
      await waitFor(async () => (await countOf(id)) >= round % 3, { what: "a few rounds" });
      await removeForced(daemon, id);
    }
    expect(await list(daemon, true)).toEqual([]);
  });
});

describe("over the life of daemons", () => {
  test("what its policy has running runs again, and what was stopped stays so unless it is to run always", async () => {
    const stopped: Record<string, string> = {};
    for (const policy of ["always", "unless-stopped", "on-failure"]) {
      stopped[policy] = await background(policy, policy, "sleep", "1000");
      await daemon.gantry(["stop", "-t", "0", policy]);
    }
    const killed = await background("killed", "unless-stopped", "sleep", "1000");
    const { Pid } = (await inspect(daemon, killed)).State;
    await daemon.kill();
    process.kill(Pid, "SIGKILL");
    await daemon.start();
    await waitFor(async () => (await statusOf(killed)) === "running" && (await statusOf(stopped["always"] ?? "")) === "running", {
      what: "both runs",
    });
    expect((await inspect(daemon, killed)).State.Pid).not.toBe(Pid);
    expect([await statusOf(stopped["unless-stopped"] ?? ""), await statusOf(stopped["on-failure"] ?? "")]).toEqual(["exited", "exited"]);
  });

  test("what was about to be started is started by the next one", async () => {
    const id = await background("loop", "always", "sh", "-c", "[ -e /again ] && exec sleep 1000; false");
    await waitFor(async () => (await countOf(id)) >= 3 && (await statusOf(id)) === "restarting", { what: "a wait for the next start" });
    await daemon.kill();
    await Bun.write(`${daemon.place.dataRoot}/containers/${id}/upper/again`, "");
    await daemon.start();
    await waitFor(async () => (await statusOf(id)) === "running", { what: "the next start" });
  });
});

test("policies that are none are refused in Docker's words", async () => {
  const refusal = async (Name: string, MaximumRetryCount = 0): Promise<string> => {
    const body = JSON.stringify({ Image: "busybox", HostConfig: { RestartPolicy: { Name, MaximumRetryCount } } });
    const reply = await daemon.request("/containers/create", { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await reply.json()) as { readonly message: string }).message;
  };
  expect([await refusal("foo"), await refusal("always", 3), await refusal("on-failure", -1)]).toEqual([
    "invalid restart policy: unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    "invalid restart policy: maximum retry count cannot be negative",
  ]);
  const { stderr } = await daemon.gantry(["run", "--rm", "--restart", "always", "busybox"]);
  expect(stderr).toContain("conflicting options: cannot specify both --restart and --rm\n");
  expect((await call(daemon, "/containers/json?all=1")).ok).toBe(true);
});
