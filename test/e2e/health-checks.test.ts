// Health checks by what clients see of them, and over the life of daemons.
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

interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly { readonly ExitCode: number; readonly Output: string }[];
}

async function background(name: string, ...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.gantry([
    "run",
    "-d",
    "--name",
    name,
    "--network",
    "none",
    ...options,
    "busybox",
    "sleep",
    "1000",
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function healthOf(id: string): Promise<Health | undefined> {
  return ((await inspect(daemon, id)).State as unknown as { readonly Health?: Health }).Health;
}

async function becomes(id: string, status: string): Promise<Health> {
  const look = async (): Promise<Health | undefined> => {
    const health = await healthOf(id);
    return health?.Status === status ? health : undefined;
  };
  return await waitFor(look, { what: `${id} ${status}` });
}

async function shown(name: string): Promise<string> {
  return (await daemon.gantry(["ps", "-a", "--filter", `name=${name}`, "--format", "{{.Status}}"])).stdout.trim();
}

const often = ["--health-interval", "50ms", "--health-retries", "2"];

describe("a container with a check", () => {
  test("is starting, then unhealthy, then healthy, in lists, filters, events and inspect", async () => {
    const since = String(Date.now() / 1000);
    const id = await background("checked", "--health-cmd", "echo seen; test -e /ok", ...often);
    expect((await becomes(id, "unhealthy")).Log[0]).toMatchObject({ ExitCode: 1, Output: "seen\n" });
    expect(await shown("checked")).toMatch(/^Up .* \(unhealthy\)$/);
    await daemon.gantry(["exec", "checked", "touch", "/ok"]);
    expect(await becomes(id, "healthy")).toMatchObject({ FailingStreak: 0 });
    expect(await shown("checked")).toMatch(/ \(healthy\)$/);
    expect((await daemon.gantry(["ps", "-q", "--no-trunc", "--filter", "health=healthy"])).stdout).toBe(`${id}\n`);
    // A time back from now would be cut to whole seconds.
    const until = String(Date.now() / 1000);
    const events = await daemon.gantry(["events", "--since", since, "--until", until, "--format", "{{.Action}}"]);
    const changes = events.stdout.split("\n").filter((action) => action.startsWith("health_status"));
    expect(changes).toEqual(["health_status: unhealthy", "health_status: healthy"]);
    expect(events.stdout).toContain("exec_create: /bin/sh -c echo seen; test -e /ok\n");
    await daemon.gantry(["stop", "-t", "0", "checked"]);
    expect([(await healthOf(id))?.Status, await shown("checked")]).toEqual(["unhealthy", expect.stringMatching(/^Exited \(137\)/)]);
  });

  test("is looked at again by the next daemon", async () => {
    const id = await background("kept", "--health-cmd", "true", "--health-interval", "50ms");
    await becomes(id, "healthy");
    await daemon.kill();
    await daemon.start();
    await becomes(id, "healthy");
  });

  test("whose command does not end is not waited for", async () => {
    const id = await background("slow", "--health-cmd", "sleep 1000", "--health-timeout", "100ms", ...often);
    expect((await becomes(id, "unhealthy")).Log[0]).toMatchObject({ ExitCode: -1, Output: "Health check exceeded timeout (100ms)" });
  });

  test("is not unhealthy while it begins", async () => {
    const begins = ["--health-start-period", "1h", "--health-start-interval", "20ms"];
    const id = await background("begins", "--health-cmd", "false", ...begins, "--health-retries", "1");
    const looked = async (): Promise<boolean> => ((await healthOf(id))?.Log.length ?? 0) >= 3;
    await waitFor(looked, { what: "three looks" });
    expect(await healthOf(id)).toMatchObject({ Status: "starting", FailingStreak: 0 });
    expect(await shown("begins")).toContain("(health: starting)");
  });
});

test("an image's check is inherited, and taken out", async () => {
  await daemon.gantry(["create", "--name", "base", "busybox", "sleep", "1000"]);
  await daemon.gantry(["commit", "-c", "HEALTHCHECK --interval=50ms CMD true", "base", "checked:1"]);
  const start = async (...options: readonly string[]): Promise<string> =>
    (await daemon.gantry(["run", "-d", "--network", "none", ...options, "checked:1"])).stdout.trim();
  const [inherits, without] = [await start(), await start("--no-healthcheck")];
  await becomes(inherits, "healthy");
  expect(await healthOf(without)).toBeUndefined();
  const config = await daemon.gantry(["inspect", "-f", "{{json .Config.Healthcheck.Test}}", inherits, without]);
  expect(config.stdout).toBe('["CMD-SHELL","true"]\n["NONE"]\n');
  await Promise.all([inherits, without, "base"].map((id) => removeForced(daemon, id)));
  await call(daemon, "/images/checked:1", { method: "DELETE" });
});

test("checks that make no sense are refused in Docker's words", async () => {
  const said: readonly (readonly [readonly string[], string])[] = [
    [["--health-cmd", "x", "--no-healthcheck"], "--no-healthcheck conflicts with --health-* options"],
    [["--health-interval", "-1s"], "--health-interval cannot be negative"],
    [["--health-interval", "1us"], "Error response from daemon: Interval in Healthcheck cannot be less than 1ms"],
    [["--health-interval", "x"], 'invalid argument "x" for "--health-interval" flag: time: invalid duration "x"'],
  ];
  for (const [options, words] of said) expect((await daemon.gantry(["create", ...options, "busybox"])).stderr).toContain(words);
});
