// Host ports that nobody named: chosen at each start, told by everything that tells of ports, and kept while the daemon is away.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon({ enclosed: true });
  await loadImage(daemon.place.socket, "busybox");
}, 30_000);

afterAll(() => daemon[Symbol.asyncDispose]());

interface Published {
  readonly HostIp: string;
  readonly HostPort: string;
}

async function portsOf(name: string): Promise<Readonly<Record<string, readonly Published[]>>> {
  const reply = (await (await daemon.request(`/containers/${name}/json`)).json()) as {
    readonly NetworkSettings: { readonly Ports: Readonly<Record<string, readonly Published[]>> };
  };
  return reply.NetworkSettings.Ports;
}

/** What the container's web server says; nothing while nobody answers. */
async function page(port: string | undefined, host = "127.0.0.1"): Promise<string> {
  const program = `console.log(await (await fetch("http://${host}:${port}/hostname")).text())`;
  return (await daemon.run([process.execPath, "-e", program])).stdout.trim();
}

test("ports without a number are free ones, in inspect, ps and port, before and after kill -9", async () => {
  const flags = ["-d", "--name", "free", "-h", "page", "-p", "80", "-p", "127.0.0.1::81/udp", "--expose", "82", "-P"];
  const started = await daemon.gantry(["run", ...flags, "busybox", "httpd", "-f", "-h", "/etc"]);
  expect(started).toMatchObject({ code: 0 });
  const ports = await portsOf("free");
  expect(Object.keys(ports).toSorted()).toEqual(["80/tcp", "81/udp", "82/tcp"]);
  const [web, dns, other] = ["80/tcp", "81/udp", "82/tcp"].map((name) => ports[name]?.[0]?.HostPort);
  for (const port of [web, dns, other]) expect(Number(port)).toBeGreaterThan(1023);
  expect(other).not.toBe(web);
  const everywhere = (port: number, at: string | undefined): string => `${port}/tcp -> 0.0.0.0:${at}\n${port}/tcp -> [::]:${at}\n`;
  const told = `${everywhere(80, web)}81/udp -> 127.0.0.1:${dns}\n${everywhere(82, other)}`;
  for (const client of [daemon.gantry.bind(daemon), daemon.docker.bind(daemon)]) {
    expect((await client(["port", "free"])).stdout).toBe(told);
    expect((await client(["port", "free", "81/udp"])).stdout).toBe(`127.0.0.1:${dns}\n`);
    expect(await client(["port", "free", "99"])).toMatchObject({ code: 1, stderr: "Error: No public port '99' published for free\n" });
    const shown = (await client(["ps", "--format", "{{.Ports}}"])).stdout;
    expect(shown.trim().split(", ").toSorted()).toEqual(
      [
        `0.0.0.0:${web}->80/tcp`,
        `[::]:${web}->80/tcp`,
        `127.0.0.1:${dns}->81/udp`,
        `0.0.0.0:${other}->82/tcp`,
        `[::]:${other}->82/tcp`,
      ].toSorted(),
    );
  }
  await waitFor(async () => (await page(web)) === "page", { what: "page of the container" });
  expect(await page(web, "[::1]")).toBe("page");
  await daemon.kill();
  expect(await page(web)).toBe("page");
  // Nobody carries it now; the monitor keeps the listener, so it waits for the next daemon.
  const patient = page(web, "[::1]");
  await daemon.start();
  expect(await patient).toBe("page");
  expect(await portsOf("free")).toEqual(ports);
  expect(await page(web)).toBe("page");
  // Held for the container: nobody else gets it.
  const late = await daemon.gantry(["run", "--rm", "-p", `${web}:80`, "busybox", "true"]);
  expect(late.stderr).toContain(`Bind for 0.0.0.0:${web} failed: port is already allocated`);
}, 30_000);

test("ranges: each start takes the first port that is free, hundreds go at once, and what is too much or taken leaves nothing", async () => {
  const first = await freeRange(120);
  const range = `127.0.0.1:${first}-${first + 1}:80`;
  const run = (name: string, ...flags: readonly string[]): ReturnType<TestDaemon["gantry"]> =>
    daemon.gantry(["run", "-d", "--name", name, "-h", name, ...flags, "busybox", "httpd", "-f", "-h", "/etc"]);
  expect([await run("one", "-p", range), await run("two", "-p", range)].map(({ code }) => code)).toEqual([0, 0]);
  expect([await portsOf("one"), await portsOf("two")]).toEqual(
    [first, first + 1].map((port) => ({ "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] })),
  );
  expect((await run("three", "-p", range)).stderr).toContain(": all ports are allocated\n");
  expect((await run("four", "-p", `${first + 1}:80`)).stderr).toContain(
    `Bind for 127.0.0.1:${first + 1} failed: port is already allocated by container two\n`,
  );
  const many = [`${first + 10}-${first + 109}:${first + 10}-${first + 109}`, `${first + 5}:80`];
  expect(await run("many", ...many.flatMap((ports) => ["-p", ports]))).toMatchObject({ code: 0 });
  expect(Object.keys(await portsOf("many")).length).toBe(101);
  for (const [name, port] of [
    ["one", first],
    ["two", first + 1],
    ["many", first + 5],
  ] as const)
    await waitFor(async () => (await page(String(port))) === name, { what: `page of ${name}` });
  const all = await run("all", "-p", "1-65535:1-65535");
  expect(all.stderr).toMatch(/cannot hold \d+ more host ports: \d+ are held, and \d+ may be, a quarter of the daemon's open files/);
  expect((await daemon.gantry(["rm", "-f", "one", "many"])).code).toBe(0);
  expect(await run("five", "-p", range, "-p", `${first + 10}-${first + 12}:10-12`)).toMatchObject({ code: 0 });
  expect((await portsOf("five"))["80/tcp"]).toEqual([{ HostIp: "127.0.0.1", HostPort: String(first) }]);
}, 60_000);

/** The first of so many ports that nobody listens on, in the namespace of the daemon. */
async function freeRange(count: number): Promise<number> {
  const program = `const { readFileSync } = require("node:fs");
    const used = new Set(["tcp", "tcp6"].flatMap((name) => readFileSync("/proc/net/" + name, "utf8").split("\\n").map((line) => parseInt(line.trim().split(/[ :]+/)[2], 16))));
    let first = 20000;
    while (Array.from({ length: ${count} }, (_, index) => first + index).some((port) => used.has(port))) first += ${count};
    console.log(first);`;
  return Number((await daemon.run([process.execPath, "-e", program])).stdout);
}
