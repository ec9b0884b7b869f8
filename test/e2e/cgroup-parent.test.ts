// A container in a control group of the caller's choosing: everything that the engine does to groups finds it there.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, rmdirSync } from "node:fs";
import { cgroupFolders, readCgroupLayout } from "#linux";
import { startSettledDaemon } from "../support/settled-daemon.ts";

setDefaultTimeout(60_000);

test("--cgroup-parent: limits, stats, pause, kill -9 of the daemon and removal", async () => {
  await using settled = await startSettledDaemon();
  const { daemon } = settled;
  const parent = `/${daemon.place.token}-chosen`;
  const docker = async (...words: string[]): Promise<string> => {
    const { stdout, stderr, code } = await daemon.docker(words);
    return code === 0 ? stdout.trim() : stderr.trim();
  };
  const id = await docker(
    "run",
    "-d",
    "--name",
    "there",
    "--cgroup-parent",
    `..${parent}`,
    "-m",
    "64m",
    "busybox",
    "sh",
    "-c",
    "while :; do sleep 0.1; done",
  );
  const groups = async (): Promise<string> =>
    readFileSync(`/proc/${await docker("inspect", "-f", "{{.State.Pid}}", "there")}/cgroup`, "utf8");
  expect(
    new Set(
      (await groups())
        .trim()
        .split("\n")
        .map((line) => line.slice(line.lastIndexOf(":") + 1)),
    ),
  ).toEqual(new Set([`${parent}/${id}`]));
  expect(await docker("inspect", "-f", "{{.HostConfig.CgroupParent}}", "there")).toBe(`..${parent}`);

  await docker("pause", "there");
  await daemon.kill();
  await daemon.start();
  expect(await docker("inspect", "-f", "{{.State.Status}}", "there")).toBe("paused");
  await docker("unpause", "there");
  expect(await docker("update", "--pids-limit", "40", "there")).toBe("there");
  expect(await docker("exec", "there", "cat", "/proc/self/cgroup")).toContain(`${parent}/${id}`);
  expect(await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", "there")).toEndWith("/ 64MiB");
  expect(await docker("restart", "-t", "0", "there")).toBe("there");
  expect(await groups()).toContain(`${parent}/${id}`);

  await daemon.kill();
  await daemon.start();
  expect(await docker("rm", "-f", "there")).toBe("there");
  expect(cgroupFolders(readCgroupLayout(), `${parent}/${id}`).filter(existsSync)).toEqual([]);
  // As Docker's, the parent stays: it may have limits of its own.
  for (const folder of cgroupFolders(readCgroupLayout(), parent)) rmdirSync(folder);
  expect(await settled.leaks()).toEqual([]);
});
