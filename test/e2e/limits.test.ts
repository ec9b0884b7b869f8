// Limits as the kernel has them: at the start, after an update, and after the daemon was killed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
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
