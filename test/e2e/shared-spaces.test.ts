// Namespaces that containers share with each other and with the host, by what their processes see; and after a kill -9 of the daemon.
import { readFileSync, readlinkSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspect, list, removeForced, start } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

let daemon: TestDaemon;

setDefaultTimeout(20_000);

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

/** stdout of a run that must succeed. */
async function see(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.gantry(["run", "--rm", ...args]);
  if (code !== 0) throw new Error(`run ${args.join(" ")}: ${code} ${stderr}`);
  return stdout;
}

async function failure(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await daemon.gantry(args);
  expect(code).not.toBe(0);
  return stderr.replace(/^(?:docker|gantry): /, "").split("\n")[0] ?? "";
}

async function background(name: string, ...options: readonly string[]): Promise<string> {
  return (await daemon.gantry(["run", "-d", "--name", name, ...options, "busybox", "sleep", "1000"])).stdout.trim();
}

const links = "readlink /proc/self/ns/ipc; readlink /proc/self/ns/net; readlink /proc/self/ns/uts; readlink /proc/self/ns/cgroup";
const hostNamespace = (kind: string): string => readlinkSync(`/proc/self/ns/${kind}`);

function shmMounts(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${daemon.place.dataRoot}/containers/`));
}

describe("a container in the host's namespaces", () => {
  test("is in those that were asked for, and no other", async () => {
    const seen = async (...options: readonly string[]): Promise<readonly string[]> =>
      (await see(...options, "busybox", "sh", "-c", links)).trim().split("\n");
    const [ipc, net, uts] = await seen("--ipc", "host", "--network", "host");
    expect([ipc, net]).toEqual([hostNamespace("ipc"), hostNamespace("net")]);
    expect(uts).not.toBe(hostNamespace("uts"));
    const other = await seen("--uts", "host", "--cgroupns", "private", "--network", "none");
    expect(other[2]).toBe(hostNamespace("uts"));
    expect([other[0], other[3]].includes(hostNamespace("ipc")) || other[3] === hostNamespace("cgroup")).toBe(false);
    expect(await see("--pid", "host", "busybox", "readlink", "/proc/self/ns/pid")).toBe(`${hostNamespace("pid")}\n`);
  });

  test("without IPC has no /dev/shm", async () => {
    expect(await see("--ipc", "none", "busybox", "sh", "-c", "ls -d /dev/shm 2>/dev/null || echo none")).toBe("none\n");
  });
});

describe("a container in another's namespaces", () => {
  test("shares network, names and files, and goes by its id", async () => {
    const id = await background("owner", "--add-host", "x:1.2.3.4");
    const joined = await see("--network", "container:owner", "busybox", "sh", "-c", "hostname; cat /etc/hosts; readlink /proc/self/ns/net");
    expect(joined).toContain(`${id.slice(0, 12)}\n127.0.0.1\tlocalhost`);
    expect(joined).toContain("1.2.3.4\tx\n");
    const { State } = await inspect(daemon, id);
    expect(joined).toEndWith(`${readlinkSync(`/proc/${State.Pid}/ns/net`)}\n`);
    await daemon.gantry(["create", "--name", "follower", "--network", "container:owner", "busybox", "true"]);
    const format = "{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Networks}}";
    expect((await daemon.gantry(["inspect", "-f", format, "follower"])).stdout).toBe(`container:${id} {}\n`);
    await daemon.gantry(["stop", "-t", "0", "owner"]);
    expect(await failure("start", "follower")).toBe(
      "Error response from daemon: cannot join network namespace of a non running container: container owner is exited",
    );
    await daemon.gantry(["rm", "owner"]);
    expect(await failure("start", "follower")).toBe(
      `Error response from daemon: joining network namespace of container: No such container: ${id}`,
    );
  });

  test("shares memory and processes, and is found again by the next daemon", async () => {
    const giver = await background("giver", "--ipc", "shareable", "--shm-size", "1m");
    expect(shmMounts().length).toBe(1);
    const taker = await background("taker", "--ipc", "container:giver", "--pid", "container:giver");
    await daemon.gantry(["exec", "taker", "sh", "-c", "echo kept > /dev/shm/note"]);
    await daemon.kill();
    await daemon.start();
    expect((await daemon.gantry(["exec", "giver", "cat", "/dev/shm/note"])).stdout).toBe("kept\n");
    expect((await daemon.gantry(["exec", "taker", "ps", "-o", "pid,args"])).stdout).toMatch(/ 1 sleep 1000\n/);
    expect([(await inspect(daemon, giver)).State.Running, (await inspect(daemon, taker)).State.Running]).toEqual([true, true]);
    await removeForced(daemon, taker);
    await removeForced(daemon, giver);
    expect(shmMounts()).toEqual([]);
  });

  test("says in Docker's words what cannot be joined", async () => {
    const id = await background("closed");
    const said: readonly (readonly [readonly string[], string])[] = [
      [["--pid", "container:nope"], "No such container: nope"],
      [
        ["--ipc", "container:closed"],
        `failed to join IPC namespace: container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
      ],
      [["--network", "container:nope"], "joining network namespace of container: No such container: nope"],
      [["--network", "container:closed", "-p", "80:80"], "conflicting options: port publishing and the container type network mode"],
    ];
    for (const [options, words] of said)
      expect(await failure("run", "--rm", ...options, "busybox", "true")).toBe(`Error response from daemon: ${words}`);
  });

  test("that stops gives back the memory that it offered", async () => {
    const id = await background("offering", "--ipc", "shareable");
    await daemon.gantry(["stop", "-t", "0", "offering"]);
    expect(shmMounts()).toEqual([]);
    await start(daemon, id);
    expect(shmMounts().length).toBe(1);
  });
});

describe("names", () => {
  test("come from the flags, and a file", async () => {
    const options = ["--dns", "1.1.1.1", "--dns-search", "a.b", "--dns-option", "ndots:3", "--domainname", "dom", "--hostname", "h"];
    const seen = await see(
      ...options,
      "--add-host",
      "g:host-gateway",
      "busybox",
      "sh",
      "-c",
      "cat /etc/resolv.conf /etc/hosts; hostname -f",
    );
    expect(seen).toContain("nameserver 1.1.1.1\nsearch a.b\noptions ndots:3\n");
    expect(seen).toMatch(/\n[\d.]+\tg\n[\d.]+\th\.dom h\nh\.dom\n$/);
    expect(await failure("run", "--dns", "x", "busybox")).toBe(
      'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x',
    );
  });
});
