// The networks that always stand: told alike by both command lines, with ids that outlive the daemon.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 30_000);

afterAll(() => daemon[Symbol.asyncDispose]());

test("network ls and inspect print what Docker's client prints", async () => {
  await daemon.gantry(["run", "-d", "--name", "inside", "busybox", "sleep", "1000"]);
  const lines = [
    ["network", "ls"],
    ["network", "ls", "-q", "--filter", "driver=host"],
    ["network", "ls", "--no-trunc", "--format", "json"],
    ["network", "ls", "--format", "raw"],
    ["network", "ls", "--format", '{{.Name}} {{.CreatedAt}} {{.IPv4}} {{.Label "a"}}'],
    ["network", "ls", "--format", "{{.Nope}}"],
    ["network", "ls", "--filter", "colour=red"],
    ["network", "inspect", "bridge", "none", "nobody"],
    ["network", "inspect", "--format", "{{range .Containers}}{{.Name}}{{end}}", "bridge"],
    ["inspect", "--type", "network", "host"],
    ["inspect", "bridge", "--format", "{{.Driver}}"],
  ];
  for (const line of lines) {
    const [ours, dockers] = await Promise.all([daemon.gantry(line), daemon.docker(line)]);
    expect({ line, ...ours, stderr: ours.stderr.replaceAll("gantry", "docker") }).toEqual({ line, ...dockers });
  }
}, 30_000);

test("a container is in the same network before and after kill -9", async () => {
  const idOf = async (): Promise<readonly string[]> => {
    const inspected = await daemon.gantry(["inspect", "--format", "{{.NetworkSettings.Networks.bridge.NetworkID}}", "inside"]);
    return [inspected.stdout, (await daemon.gantry(["network", "ls", "--no-trunc", "-q", "--filter", "name=bridge"])).stdout];
  };
  const before = await idOf();
  expect(before[0]).toMatch(/^[0-9a-f]{64}\n$/);
  expect(before[1]).toBe(before[0] ?? "");
  await daemon.kill();
  await daemon.start();
  expect(await idOf()).toEqual(before);
}, 30_000);
