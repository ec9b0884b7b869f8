// Limits as the kernel has them: at the start, after an update, and after the daemon was killed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { waitFor } from "../support/wait-for.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";

let settled: SettledDaemon;

beforeAll(async () => {
  settled = await startSettledDaemon();
}, 30_000);

afterAll(() => settled[Symbol.asyncDispose](), 60_000);

const megabyte = 2 ** 20;

/** A file of the container's group as the kernel shows it, by the names of version 1 and 2. */
async function groupFile(name: string, controller: string, first: string, second: string): Promise<string> {
  const { stdout } = await settled.daemon.docker(["inspect", "-f", "{{.State.Pid}}", name]);
  const lines = readFileSync(`/proc/${stdout.trim()}/cgroup`, "utf8").trim().split("\n");
  const own = lines.map((line) => line.split(":")).find(([, controllers = ""]) => controllers.split(",").includes(controller));
  const unified = lines.find((line) => line.startsWith("0::"))?.slice(3) ?? "";
  const path = own === undefined ? `/sys/fs/cgroup${unified}/${second}` : `/sys/fs/cgroup/${controller}${own[2]}/${first}`;
  expect({ path, isThere: existsSync(path) }).toEqual({ path, isThere: true });
  return readFileSync(path, "utf8").trim();
}

const memoryOf = (name: string): Promise<string> => groupFile(name, "memory", "memory.limit_in_bytes", "memory.max");
const pidsOf = (name: string): Promise<string> => groupFile(name, "pids", "pids.max", "pids.max");
const cpusOf = (name: string): Promise<string> => groupFile(name, "cpuset", "cpuset.cpus", "cpuset.cpus");

test("limits are the kernel's, change while the container runs, and survive kill -9 of the daemon", async () => {
  const { daemon } = settled;
  const flags = ["--name", "limited", "-m", "64m", "--pids-limit", "50", "--cpuset-cpus", "0"];
  expect(await daemon.docker(["run", "-d", ...flags, "busybox", "sleep", "1000"])).toMatchObject({ code: 0 });
  expect([await memoryOf("limited"), await pidsOf("limited"), await cpusOf("limited")]).toEqual([String(64 * megabyte), "50", "0"]);

  expect(await daemon.docker(["update", "-m", "32m", "--memory-swap", "64m", "--pids-limit", "-1", "limited"])).toMatchObject({
    code: 0,
    stdout: "limited\n",
  });
  const inspected = ["inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}}", "limited"];
  const told = `${32 * megabyte} ${64 * megabyte} 0\n`;
  expect([await memoryOf("limited"), await pidsOf("limited"), await cpusOf("limited")]).toEqual([String(32 * megabyte), "max", "0"]);
  expect((await daemon.docker(inspected)).stdout).toBe(told);

  await daemon.kill();
  await daemon.start();
  expect((await daemon.docker(inspected)).stdout).toBe(told);
  expect(await daemon.docker(["restart", "-t", "0", "limited"])).toMatchObject({ code: 0 });
  expect([await memoryOf("limited"), await pidsOf("limited")]).toEqual([String(32 * megabyte), "max"]);

  const contrary = await daemon.docker(["update", "-m", "512m", "limited"]);
  expect(contrary.stderr).toContain(
    "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
  );
  expect(await memoryOf("limited")).toBe(String(32 * megabyte));
}, 30_000);

test("a process sees its devices, priorities and sizes", async () => {
  const flags = ["--device", "/dev/null:/dev/mine:rw", "--oom-score-adj", "300", "--shm-size", "32m", "--ulimit", "nofile=100:200"];
  const look = "ls /dev/mine; cat /proc/self/oom_score_adj; df -k /dev/shm | tail -n 1 | awk '{print $2}'; ulimit -n";
  expect((await settled.daemon.docker(["run", "--rm", ...flags, "busybox", "sh", "-c", look])).stdout).toBe("/dev/mine\n300\n32768\n100\n");
  const missing = await settled.daemon.docker(["run", "--rm", "--device", "/dev/nobody", "busybox", "true"]);
  expect(missing.stderr).toContain(
    'error gathering device information while adding custom device "/dev/nobody": no such file or directory',
  );
}, 30_000);

test("every limit that can change changes while the container runs, and stands in its row", async () => {
  const { daemon } = settled;
  await daemon.docker(["run", "-d", "--name", "moved", "-m", "64m", "--cpus", "0.5", "busybox", "sleep", "1000"]);
  const flags = ["-m", "48m", "--memory-swap", "-1", "--memory-reservation", "24m", "--cpus", "0.25", "-c", "256"];
  const more = ["--cpuset-cpus", "1", "--cpuset-mems", "0", "--pids-limit", "44"];
  expect(await daemon.docker(["update", ...flags, ...more, "moved"])).toMatchObject({ code: 0, stdout: "moved\n" });
  const isFirst = existsSync("/sys/fs/cgroup/memory");
  const seen = await Promise.all([
    memoryOf("moved"),
    groupFile("moved", "memory", "memory.soft_limit_in_bytes", "memory.low"),
    groupFile("moved", "cpu", "cpu.cfs_quota_us", "cpu.max"),
    groupFile("moved", "cpu", "cpu.shares", "cpu.weight"),
    cpusOf("moved"),
    groupFile("moved", "cpuset", "cpuset.mems", "cpuset.mems"),
    pidsOf("moved"),
  ]);
  const [quota, shares] = isFirst ? ["25000", "256"] : ["25000 100000", "10"];
  expect(seen).toEqual([String(48 * megabyte), String(24 * megabyte), quota ?? "", shares ?? "", "1", "0", "44"]);
  const words = ["Memory", "MemorySwap", "MemoryReservation", "NanoCpus", "CpuShares", "CpusetCpus", "CpusetMems", "PidsLimit"];
  const format = words.map((word) => `{{.HostConfig.${word}}}`).join(" ");
  expect((await daemon.docker(["inspect", "-f", format, "moved"])).stdout).toBe(
    `${48 * megabyte} -1 ${24 * megabyte} 250000000 256 1 0 44\n`,
  );
  await daemon.docker(["rm", "-f", "moved"]);
}, 30_000);

test("stats are the control group's files of that moment within 1 %", async () => {
  const { daemon } = settled;
  // Much, since the kernel counts in steps of 32 pages a processor.
  const script = "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; head -c 41943040 /dev/zero >/dev/shm/x; touch /done; sleep 1000";
  await daemon.docker(["run", "-d", "--name", "worked", "-m", "64m", "busybox", "sh", "-c", script]);
  await waitFor(async () => (await daemon.docker(["exec", "worked", "test", "-e", "/done"])).code === 0, { what: "the end of its work" });
  // What stands still can be read twice.
  await daemon.docker(["pause", "worked"]);
  const stats = (await (await daemon.request("/containers/worked/stats?stream=false&one-shot=true")).json()) as {
    readonly memory_stats: { readonly usage: number; readonly limit: number };
    readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
    readonly pids_stats: { readonly current: number };
  };
  const memory = Number(await groupFile("worked", "memory", "memory.usage_in_bytes", "memory.current"));
  const time = await groupFile("worked", "cpuacct", "cpuacct.usage", "cpu.stat");
  const nanoseconds = time.startsWith("usage_usec") ? Number(/^usage_usec (\d+)/.exec(time)?.[1]) * 1000 : Number(time);
  expect(memory).toBeGreaterThan(40 * megabyte);
  expect(Math.abs(stats.memory_stats.usage / memory - 1)).toBeLessThan(0.01);
  expect(Math.abs(stats.cpu_stats.cpu_usage.total_usage / nanoseconds - 1)).toBeLessThan(0.01);
  expect([stats.memory_stats.limit, stats.pids_stats.current]).toEqual([
    64 * megabyte,
    Number(await groupFile("worked", "pids", "pids.current", "pids.current")),
  ]);
  await daemon.docker(["rm", "-f", "worked"]);
}, 30_000);

test("F11, H11: a container has a number of processes although nobody said one, and another with none says so", async () => {
  const { daemon } = settled;
  const limitOf = async (...flags: string[]): Promise<string> => {
    await daemon.docker(["run", "-d", "--name", "counted", ...flags, "busybox", "sleep", "1000"]);
    const limit = await pidsOf("counted");
    await daemon.docker(["rm", "-f", "counted"]);
    return limit;
  };
  expect(Number(await limitOf())).toBeWithin(2048, 16_385);
  expect([await limitOf("--pids-limit", "-1"), await limitOf("--privileged"), await limitOf("--pids-limit", "70")]).toEqual([
    "max",
    "max",
    "70",
  ]);
}, 30_000);

test("F11: a fork bomb ends at its limit, and its restarts leave nothing", async () => {
  const { daemon } = settled;
  const bomb = ["sh", "-c", "b() { b | b & }; b; sleep 1000"];
  await daemon.docker(["run", "-d", "--name", "bomb", "--pids-limit", "64", "--ipc", "shareable", "busybox", ...bomb]);
  const refused = (): Promise<string> => groupFile("bomb", "pids", "pids.events", "pids.events");
  await waitFor(async () => /^max [1-9]/.test(await refused()), { what: "a fork that was refused" });
  expect(Number(await groupFile("bomb", "pids", "pids.current", "pids.current"))).toBeLessThanOrEqual(64);
  expect((await daemon.docker(["run", "--rm", "busybox", "echo", "alive"])).stdout).toBe("alive\n");
  for (let round = 0; round < 3; round += 1) expect(await daemon.docker(["restart", "-t", "0", "bomb"])).toMatchObject({ code: 0 });
  await daemon.docker(["rm", "-f", "bomb"]);
}, 60_000);

test("--storage-opt is refused in Docker's words where the file system has no quotas", async () => {
  const ask = async (option: string): Promise<string> =>
    (await settled.daemon.docker(["create", "--storage-opt", option, "busybox"])).stderr.trim().replace("Error response from daemon: ", "");
  expect([await ask("size=4m"), await ask("size=abc"), await ask("foo=1")]).toEqual([
    "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    "invalid size: 'abc'",
    "Unknown option foo",
  ]);
}, 30_000);

test("--cpu-rt-runtime reaches the kernel, which has none to give to a new group", async () => {
  const { stderr, code } = await settled.daemon.docker(["run", "--rm", "--cpu-rt-runtime", "1000", "busybox", "true"]);
  expect(code).toBe(125);
  expect(stderr).toMatch(/cpu\.rt_runtime_us|does not support CPU real-time scheduler/);
}, 30_000);
