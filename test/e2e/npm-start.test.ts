import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Output } from "../support/command.ts";
import { loadImage } from "../support/images.ts";
import { isAlive } from "../support/processes.ts";
import { sweep } from "../support/sweep.ts";
import { makePlace, type TestPlace } from "../support/test-place.ts";
import { builtProgram, projectRoot } from "../support/tools.ts";

let place: TestPlace;
let first: Output;

function script(name: "start" | "stop", flags: readonly string[] = flagsOf(place)): Promise<Output> {
  return run(["node", join(projectRoot, `scripts/${name}.mjs`), ...flags], { patience: 120_000 });
}

function flagsOf({ execRoot, dataRoot, bridge, bip }: TestPlace): string[] {
  return ["--exec-root", execRoot, "--data-root", dataRoot, "--bridge", bridge, "--bip", bip];
}

const daemonPid = (): number => Number(readFileSync(place.pidFile, "utf8"));
const gantry = (...args: readonly string[]): Promise<Output> => run([builtProgram("gantry"), "-H", `unix://${place.socket}`, ...args]);

beforeAll(async () => {
  place = makePlace();
  first = await script("start");
}, 150_000);

afterAll(async () => {
  await script("stop");
  await sweep(place);
}, 60_000);

test("npm start ends with a container that ran and three lines to paste", () => {
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toContain("Hello from Gantry");
  expect(first.stdout.trimEnd().split("\n").slice(-3)).toEqual([
    expect.stringMatching(/^ {2}\S+\/dist\/gantry -H unix:\S+ run -it --rm hello-world$/),
    expect.stringMatching(/^ {2}\S*docker -H unix:\S+ run --rm hello-world$/),
    expect.stringMatching(/^ {2}npm --prefix \S+ run stop -- /),
  ]);
});

test("npm start prints a line for the stock client that works", async () => {
  const line = first.stdout.trimEnd().split("\n").at(-2)?.trim() ?? "";
  const { code, stdout } = await run(line.split(" "));
  expect({ code, greeted: stdout.includes("Hello from Gantry") }).toEqual({ code: 0, greeted: true });
});

test("npm start, the second time, installs nothing, keeps the daemon and takes under 3 s", async () => {
  const pid = daemonPid();
  const began = performance.now();
  const { code, stdout } = await script("start");
  expect({ code, pid: daemonPid(), works: /apt-get|npm ci|run build/.test(stdout) }).toEqual({ code: 0, pid, works: false });
  expect(performance.now() - began).toBeLessThan(3_000);
});

test("npm run stop ends the daemon and leaves containers running; npm start finds them again", async () => {
  const pid = daemonPid();
  await loadImage(place.socket, "busybox");
  const started = await gantry("run", "-d", "busybox", "sleep", "1000");
  expect(started).toMatchObject({ code: 0 });
  expect(await script("stop")).toMatchObject({ code: 0, stdout: `the daemon (pid ${pid}) has ended; containers run on\n` });
  expect(isAlive(pid)).toBe(false);
  expect(await script("stop")).toMatchObject({ code: 0, stdout: "no daemon runs\n" });
  expect(await script("start")).toMatchObject({ code: 0 });
  expect(await gantry("ps", "-q", "--no-trunc")).toMatchObject({ stdout: started.stdout });
  expect(await gantry("rm", "-f", started.stdout.trim())).toMatchObject({ code: 0 });
}, 60_000);

test("npm run stop leaves a process alone that only has the number of a dead daemon", async () => {
  await script("stop");
  await using bystander = Bun.spawn(["sleep", "infinity"], { stdio: ["ignore", "ignore", "ignore"] });
  await Bun.write(place.pidFile, `${bystander.pid}\n`);
  expect(await script("stop")).toMatchObject({ code: 0, stdout: "no daemon runs\n" });
  expect(isAlive(bystander.pid)).toBe(true);
  await Bun.file(place.pidFile).delete();
}, 60_000);

test("npm start and npm test say at once that they need root", async () => {
  const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "node"];
  for (const [name, command] of [
    ["start", "npm start"],
    ["test", "npm test"],
  ] as const) {
    const { code, stderr } = await run([...asNobody, join(projectRoot, `scripts/${name}.mjs`)], { patience: 5_000 });
    expect({ code, stderr: stderr.trim() }).toEqual({
      code: 1,
      stderr: `${command} must run as root: containers need mounts, namespaces and networks`,
    });
  }
});
