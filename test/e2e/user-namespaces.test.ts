// Containers whose users are nobody on the host (`userns-remap`), seen from both sides. On the disk everything is as without.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "../support/command.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { type SettledDaemon, startSettledDaemon } from "../support/settled-daemon.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
let settled: SettledDaemon;
let daemon: TestDaemon;
const first = 700_000;

beforeAll(async () => {
  settled = held.use(await startSettledDaemon({ flags: ["--userns-remap", `0:${first}:65536`] }));
  ({ daemon } = settled);
}, 60_000);
afterAll(() => held.disposeAsync(), 60_000);

const gantry = (...args: readonly string[]): Promise<Output> => daemon.gantry(args);
const inside = async (script: string, ...flags: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await gantry("run", "--rm", ...flags, "busybox", "sh", "-c", script);
  return stdout + stderr;
};
const refusal = async (...flags: readonly string[]): Promise<string> =>
  (await gantry("create", ...flags, "busybox", "true")).stderr.split("\n")[0] ?? "";
const pidOf = async (name: string): Promise<number> => Number((await gantry("inspect", "-f", "{{.State.Pid}}", name)).stdout);
const idsOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .filter((line) => /^[UG]id:/.test(line))
    .map((line) => line.split("\t")[1] ?? "");
const ownerOf = (path: string): string => {
  const { uid, gid } = lstatSync(path);
  return `${uid}:${gid}`;
};

describe.each(["crun", "runc"])("a container of %s with users of its own", (runtime) => {
  const name = `mapped-${runtime}`;
  const volume = `data-${runtime}`;

  test("is root inside and nobody on the host, in exec too (H09)", async () => {
    const made = "mkdir /made; touch /made/bobs; chown 1000:1000 /made/bobs; rm /etc/group; echo x > /data/file; sleep 1000";
    const flags = ["-w", "/srv/app/deep", "-v", `${volume}:/data`, "--runtime", runtime, "--ipc", "shareable"];
    expect(await gantry("run", "-d", "--name", name, ...flags, "busybox", "sh", "-c", made)).toMatchObject({ stderr: "", code: 0 });
    const seen = "id -u; cat /proc/self/uid_map | tr -s ' '; stat -c '%u:%g' . /made/bobs /etc/hosts /data /dev/shm; touch /dev/shm/x";
    expect((await gantry("exec", name, "sh", "-c", seen)).stdout.split("\n")).toEqual([
      "0",
      ` 0 ${first} 65536`,
      "0:0",
      "1000:1000",
      "0:0",
      "0:0",
      "0:0",
      "",
    ]);
    expect(idsOf(await pidOf(name))).toEqual([String(first), String(first)]);
    expect((await gantry("exec", "-u", "1000:7", name, "id", "-G")).stdout).toBe("7\n");
  });

  test("is not given the host's /dev/null for the input that nobody gives it", async () => {
    const reader = `reads-${runtime}`;
    const tty = `terminal-${runtime}`;
    try {
      const owners: string[] = [];
      for (const args of [
        ["run", "-d", "--name", reader, "--runtime", runtime, "busybox", "sh", "-c", "cat; exit 3"],
        ["run", "-d", "-t", "--name", tty, "--runtime", runtime, "busybox", "sleep", "1000"],
        ["exec", "-d", "-t", "-u", "1000", tty, "true"],
        ["exec", "-d", "-u", "1000", tty, "true"],
        ["exec", "-t", tty, "true"],
      ]) {
        expect(await gantry(...args)).toMatchObject({ code: 0 });
        owners.push(ownerOf("/dev/null"));
        chownSync("/dev/null", 0, 0);
      }
      expect(owners).toEqual(["0:0", "0:0", "0:0", "0:0", "0:0"]);
      expect((await gantry("wait", reader)).stdout).toBe("3\n");
    } finally {
      chownSync("/dev/null", 0, 0);
      await gantry("rm", "-f", reader, tty);
    }
  });

  test("leaves on the disk what it would leave without", async () => {
    const id = (await gantry("inspect", "-f", "{{.Id}}", name)).stdout.trim();
    const upper = join(daemon.place.dataRoot, "containers", id, "upper");
    expect(["", "made", "made/bobs", "srv/app/deep"].map((path) => ownerOf(join(upper, path)))).toEqual(["0:0", "0:0", "1000:1000", "0:0"]);
    expect(ownerOf(join(daemon.place.dataRoot, "volumes", volume, "_data", "file"))).toBe("0:0");
    // Another container, with the host's users, has the same owners.
    expect(
      await inside("stat -c '%u:%g' /data/file; id -u; cut -c1-30 /proc/self/uid_map", "--userns", "host", "-v", `${volume}:/data`),
    ).toBe("0:0\n0\n         0          0 42949672\n");
  });

  test("cp and commit know its owners, whether it runs or not", async () => {
    const file = join(daemon.place.home, `file-${runtime}`);
    writeFileSync(file, "hello\n");
    expect(await gantry("cp", file, `${name}:/one`)).toMatchObject({ code: 0 });
    expect((await gantry("exec", name, "stat", "-c", "%u:%g", "/one")).stdout).toBe("0:0\n");
    const owners = async (): Promise<readonly string[]> => {
      const reply = await daemon.request(`/containers/${name}/archive?path=/made`);
      const archive = new Uint8Array(await reply.arrayBuffer());
      const field = (at: number, length: number): number =>
        Number.parseInt(Buffer.from(archive.subarray(at, at + length)).toString("latin1"), 8);
      return [0, 512].map((at) => `${field(at + 108, 7)}:${field(at + 116, 7)}`);
    };
    expect(await owners()).toEqual(["0:0", "1000:1000"]);
    await gantry("commit", name, `${name}-image`);
    const seen = "stat -c '%u:%g' /made/bobs /one; ls /etc/group";
    expect((await gantry("run", "--rm", `${name}-image`, "sh", "-c", seen)).stdout).toBe("1000:1000\n0:0\n");
    await gantry("rmi", `${name}-image`);
  });

  test("has a network of its own, and shares it with others of its kind", async () => {
    const shown =
      "cat /sys/class/net/eth0/operstate; ip -4 addr show eth0 | grep -c inet; cat /proc/sys/net/ipv4/ip_unprivileged_port_start";
    expect((await gantry("exec", name, "sh", "-c", shown)).stdout).toBe("up\n1\n0\n");
    const other = await inside("readlink /proc/self/ns/net; readlink /proc/self/ns/user", "--network", `container:${name}`);
    const pid = await pidOf(name);
    const own = ["net", "user"].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
    expect(other.trim().split("\n")).toEqual(own);
    const pod = ["--network", "--pid", "--ipc"].flatMap((flag) => [flag, `container:${name}`]);
    expect(await inside("ps | grep -c 'sleep 1000'; ls /dev/shm; readlink /proc/self/ns/user", ...pod)).toContain(`x\n${own[1]}`);
  });

  test("is found by the next daemon, and starts again", async () => {
    const pid = await pidOf(name);
    await daemon.kill();
    await daemon.start();
    expect(await pidOf(name)).toBe(pid);
    expect((await gantry("exec", name, "id", "-u")).stdout).toBe("0\n");
    expect(await gantry("restart", "-t", "0", name)).toMatchObject({ code: 0 });
    expect((await gantry("exec", name, "stat", "-c", "%u:%g", "/made/bobs", "/data/file")).stdout).toBe("1000:1000\n0:0\n");
    expect(idsOf(await pidOf(name))).toEqual([String(first), String(first)]);
    await gantry("rm", "-f", name);
    await gantry("volume", "rm", volume);
  });

  test("cannot change its control groups, and its limits hold (F10)", async () => {
    const script = "touch /sys/fs/cgroup/x; mkdir /sys/fs/cgroup/memory/x; mount -o remount,rw /sys/fs/cgroup/memory";
    const tried = await inside(script, "--runtime", runtime);
    expect(tried.match(/Read-only file system|Permission denied|permission denied|No such file/g)?.length).toBe(3);
    await gantry(
      "run",
      "--name",
      "eater",
      "--runtime",
      runtime,
      "-m",
      "64m",
      "busybox",
      "dd",
      "if=/dev/zero",
      "of=/dev/null",
      "bs=128M",
      "count=1",
    );
    expect((await gantry("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "eater")).stdout).toBe("true 137\n");
    await gantry("rm", "eater");
  });
});

describe("what a container with users of its own cannot have", () => {
  test("is refused in Docker's words, and allowed with the host's users", async () => {
    expect(await refusal("--privileged")).toContain(
      "privileged mode is incompatible with user namespaces.  You must run the container in the",
    );
    expect(await refusal("--network", "host")).toContain("cannot share the host's network namespace when user namespaces are enabled");
    expect(await refusal("--pid", "host")).toContain("cannot share the host PID namespace when user namespaces are enabled");
    expect(await refusal("--ipc", "host")).toContain("cannot share the host's IPC namespace when user namespaces are enabled");
    await gantry("run", "-d", "--name", "hosts-users", "--userns", "host", "busybox", "sleep", "1000");
    expect(await inside("true", "--network", "container:hosts-users")).toContain("of container hosts-users: it has the host's users");
    await gantry("rm", "-f", "hosts-users");
    expect(await inside("grep -c ^Cap /proc/self/status", "--userns", "host", "--privileged", "--network", "host", "--pid", "host")).toBe(
      "5\n",
    );
  });

  test("is what is the host's: a bind shows its root as nobody, and gives nothing away", async () => {
    const folder = join(daemon.place.home, "bound");
    mkdirSync(folder);
    writeFileSync(join(folder, "secret"), "x", { mode: 0o600 });
    const seen = await inside("stat -c '%u:%g' /host/secret; cat /host/secret; chown 0:0 /host/secret", "-v", `${folder}:/host`);
    expect(seen).toContain("65534:65534\n");
    expect(seen.match(/Permission denied|Operation not permitted/g)).toHaveLength(2);
  });
});

test("info tells of it", async () => {
  expect((await gantry("info", "-f", "{{.SecurityOptions}}")).stdout).toContain("name=userns");
});

test("a daemon does not start with a map that is none (F12)", async () => {
  const tried = await daemon.run([
    join(import.meta.dir, "../../dist/gantryd"),
    "--userns-remap",
    "0:0:4294967296",
    "--exec-root",
    join(daemon.place.home, "other"),
  ]);
  expect(tried).toMatchObject({ code: 1, stderr: expect.stringContaining("0:0:4294967296 goes beyond the last id") });
});

test("nothing is left in the places where containers are put together, nor in the kernel", async () => {
  expect(readdirSync(join(daemon.place.execRoot, "mapped"))).toEqual([]);
  expect(await settled.leaks()).toEqual([]);
});
