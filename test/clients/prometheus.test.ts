// Prometheus finds containers by itself: docker_sd asks for networks and containers, again and again.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { toolPath } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;
let prometheus: Bun.Subprocess;

/** Nothing else listens in the enclosure. */
const address = "127.0.0.1:9090";

beforeAll(async () => {
  daemon = await startDaemon({ enclosed: true });
  await loadImage(daemon.place.socket, "busybox");
  const { home } = daemon.place;
  const discovery = { host: daemon.host, refresh_interval: "1s" };
  // YAML takes JSON.
  await Bun.write(
    join(home, "prometheus.yml"),
    JSON.stringify({ scrape_configs: [{ job_name: "docker", docker_sd_configs: [discovery] }] }),
  );
  const files = [`--config.file=${home}/prometheus.yml`, `--storage.tsdb.path=${home}/prometheus`];
  const command = [toolPath("prometheus"), ...files, `--web.listen-address=${address}`];
  const log = Bun.file(join(home, "prometheus.log"));
  prometheus = Bun.spawn([...(daemon.enclosure?.prefix ?? []), ...command], { cwd: "/", stdin: "ignore", stdout: log, stderr: log });
}, 60_000);

afterAll(async () => {
  prometheus.kill("SIGKILL");
  await prometheus.exited;
  await daemon[Symbol.asyncDispose]();
});

interface Target {
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

/** What it has discovered, as address, name and labels of interest; nothing while it does not answer yet. */
async function targets(): Promise<readonly (readonly (string | undefined)[])[]> {
  const program = `console.log(await (await fetch("http://${address}/api/v1/targets")).text())`;
  const { code, stdout } = await daemon.run([process.execPath, "-e", program]);
  if (code !== 0) return [];
  const reply = JSON.parse(stdout) as { readonly data?: { readonly activeTargets: readonly Target[] } };
  return (reply.data?.activeTargets ?? [])
    .map(({ discoveredLabels: labels }) =>
      ["container_name", "container_label_team", "port_private", "network_name", "network_ip"].map(
        (name) => labels[`__meta_docker_${name}`],
      ),
    )
    .toSorted(([one = ""], [other = ""]) => (one < other ? -1 : 1));
}

async function found(what: string, ...expected: readonly (readonly (string | undefined)[])[]): Promise<void> {
  let seen: unknown;
  await waitFor(async () => Bun.deepEquals((seen = await targets()), expected), { what, deadline: 20_000, every: 200 }).catch(
    () => undefined,
  );
  expect(seen).toEqual(expected);
}

async function start(name: string): Promise<readonly string[]> {
  const flags = ["-d", "--name", name, "-l", `team=${name}s`, "-p", "127.0.0.1::8000"];
  expect(await daemon.gantry(["run", ...flags, "busybox", "sleep", "1000"])).toMatchObject({ code: 0 });
  const { stdout } = await daemon.gantry(["inspect", "--format", "{{.NetworkSettings.IPAddress}}", name]);
  return [`/${name}`, `${name}s`, "8000", "bridge", stdout.trim()];
}

test("docker_sd of Debian's Prometheus finds containers, their labels, ports and networks, and new ones after kill -9", async () => {
  const one = await start("one");
  const three = await start("three");
  await found("two containers", one, three);
  await daemon.kill();
  await daemon.start();
  const two = await start("two");
  await daemon.gantry(["rm", "-f", "three"]);
  await found("what the next daemon has", one, two);
}, 90_000);
