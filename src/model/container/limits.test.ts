import { describe, expect, test } from "bun:test";
import { messageOf } from "#base";
import { memoryLimits } from "../../../test/support/memory-host.ts";
import { changeLimits } from "./limit-change.ts";
import { planLimits } from "./limit-plan.ts";
import { checkLimits } from "./limits.ts";
import type { MachineLimits } from "./machine-limits.ts";
import type { Resources } from "./resources.ts";

const megabyte = 2 ** 20;

function said(asked: Resources, machine: Partial<MachineLimits> = {}, update = false): string {
  try {
    const { resources, warnings } = checkLimits(asked, { ...memoryLimits, ...machine }, { update });
    return [...warnings, JSON.stringify(resources)].join("|");
  } catch (error) {
    return messageOf(error);
  }
}

describe("checkLimits()", () => {
  test.each<[Resources, string]>([
    [{ memory: 1 }, "Minimum memory limit allowed is 6MB"],
    [{ memory: -1 }, "Minimum memory limit allowed is 6MB"],
    [{ memory: 8 * megabyte, memorySwap: 4 * megabyte }, "Minimum memoryswap limit should be larger than memory limit, see usage"],
    [{ memorySwap: 8 * megabyte }, "You should always set the Memory limit when using Memoryswap limit, see usage"],
    [{ swappiness: 101 }, "Invalid value: 101, valid memory swappiness range is 0-100"],
    [{ memoryReservation: 1 }, "Minimum memory reservation allowed is 6MB"],
    [
      { memory: 64 * megabyte, memorySwap: 64 * megabyte, memoryReservation: 65 * megabyte },
      "Minimum memory limit can not be less than memory reservation limit, see usage",
    ],
    [{ nanoCpus: 1, cpuPeriod: 1000 }, "Conflicting options: Nano CPUs and CPU Period cannot both be set"],
    [{ nanoCpus: 1, cpuQuota: 1000 }, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"],
    [{ nanoCpus: 3e9 }, "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"],
    [{ cpuShares: -1 }, "invalid CPU shares (-1): value must be a positive integer"],
    [{ cpuPeriod: 10 }, "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"],
    [{ cpuQuota: 10 }, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
    [{ realtimePeriod: 1, realtimeRuntime: 2 }, "cpu real-time runtime cannot be higher than cpu real-time period"],
    [{ cpus: "9" }, "Requested CPUs are not available - requested 9, available: 0-1"],
    [{ cpus: "1-0" }, "Invalid value 1-0 for cpuset cpus: invalid format: 1-0"],
    [{ cpus: "0," }, "Invalid value 0, for cpuset cpus: invalid format: 0,"],
    [{ memoryNodes: "x" }, "Invalid value x for cpuset mems: invalid format: x"],
    [{ block: { weight: 5 } }, "Range of blkio weight is from 10 to 1000"],
  ])("refuses %j in Docker's words", (asked, words) => {
    expect(said(asked)).toBe(words);
  });

  test("does not count what a huge range holds", () => {
    const long = "0-8192,".repeat(100_000).slice(0, -1);
    expect(said({ cpus: "0-2147483647" })).toBe("Invalid value 0-2147483647 for cpuset cpus: value of out range, maximum is 8192");
    expect(said({ cpus: long })).toEndWith("is longer than any list of processors");
  });

  test.each<[Partial<MachineLimits>, Resources, string]>([
    [
      { swap: false },
      { memory: 8 * megabyte, memorySwap: 16 * megabyte },
      `Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.|{"memory":8388608,"memorySwap":-1}`,
    ],
    [
      { swappiness: false },
      { swappiness: 10 },
      "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.|{}",
    ],
    [{ oomKillDisable: false }, { oomKillDisable: true }, "Your kernel does not support OomKillDisable. OomKillDisable discarded.|{}"],
    [
      { pids: false },
      { pidsLimit: 5 },
      "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.|{}",
    ],
    [{ cpuQuota: false }, { cpuQuota: 1 }, "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.|{}"],
    [{ cpuset: false }, { cpus: "9" }, "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.|{}"],
    [
      { blockWeight: false },
      { block: { weight: 5, readBps: [{ path: "/dev/a", value: 1 }] } },
      'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.|{"block":{"readBps":[{"path":"/dev/a","value":1}]}}',
    ],
    [{ realtime: false }, { realtimePeriod: 1 }, "Your kernel does not support CPU real-time scheduler"],
  ])("where the kernel lacks %j, %j is dropped with Docker's warning", (machine, asked, words) => {
    expect(said(asked, machine)).toBe(words);
  });

  test("lets an update say swap alone", () => {
    expect(said({ memorySwap: 8 * megabyte }, {}, true)).toBe('{"memorySwap":8388608}');
  });
});

describe("changeLimits()", () => {
  test("replaces what is named and keeps the rest", () => {
    const current: Resources = { memory: 10, memorySwap: 20, swappiness: 5, block: { readBps: [] } };
    expect(changeLimits(current, { memory: 15, pidsLimit: 0, swappiness: 9, block: { weight: 100 } })).toEqual({
      memory: 15,
      memorySwap: 20,
      swappiness: 5,
      pidsLimit: 0,
      block: { readBps: [], weight: 100 },
    });
  });

  test.each<[Resources, Resources, string]>([
    [{}, { memory: 5 }, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"],
    [{ cpuPeriod: 1000 }, { nanoCpus: 5 }, "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set"],
    [{ nanoCpus: 5 }, { cpuQuota: 1000 }, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set"],
  ])("%j and %j contradict each other", (current, change, words) => {
    expect(() => changeLimits(current, change)).toThrow(words);
  });
});

test("planLimits() says every limit as runtimes read it", () => {
  const device = { path: "/dev/sda", type: "b", major: 8, minor: 0, fileMode: 0o660, uid: 0, gid: 0 } as const;
  const limited = [{ path: "/dev/sda", value: 7 }];
  const resources: Resources = {
    memory: 100,
    memorySwap: -2,
    memoryReservation: 50,
    swappiness: 0,
    oomKillDisable: true,
    kernelMemoryTcp: 9,
    cpuQuota: -5,
    cpuPeriod: 1000,
    cpuShares: 2,
    cpus: "0",
    memoryNodes: "0",
    pidsLimit: 0,
    block: { weight: 10, weights: limited, readBps: limited, writeBps: limited, readIops: limited, writeIops: limited },
  };
  const rates = [{ major: 8, minor: 0, rate: 7 }];
  expect(planLimits(resources, { swapLimit: true }, new Map([["/dev/sda", [device]]]))).toEqual({
    memory: { limit: 100, swap: -1, reservation: 50, kernelTCP: 9, swappiness: 0, disableOOMKiller: true },
    cpu: { shares: 2, period: 1000, cpus: "0", mems: "0" },
    blockIO: {
      weight: 10,
      weightDevice: [{ major: 8, minor: 0, weight: 7 }],
      throttleReadBpsDevice: rates,
      throttleWriteBpsDevice: rates,
      throttleReadIOPSDevice: rates,
      throttleWriteIOPSDevice: rates,
    },
  });
  expect(() => planLimits({ cpuShares: 1 }, { swapLimit: true }, new Map())).toThrow("the minimum allowed cpu-shares is 2");
});
