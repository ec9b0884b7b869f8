import { describe, expect, test } from "bun:test";
import { readMachineUse } from "./machine-use.ts";
import { firstFiles, readFirst } from "./usage-of-first.ts";
import { readSecond, secondFiles } from "./usage-of-second.ts";

const machine = { time: 1_000n, processors: 2, memory: 4096n };

/** The texts in the order that a reader wants them. */
function texts(files: readonly { readonly name: string }[], written: Readonly<Record<string, string>>): (string | undefined)[] {
  expect(Object.keys(written).filter((name) => !files.some((file) => file.name === name))).toEqual([]);
  return files.map(({ name }) => written[name]);
}

test("readMachineUse() sums the times that Docker sums, and counts processors", () => {
  const stat = "cpu  1 2 3 4 5 6 7 100 100 100\ncpu0 1 1 1 1 1 1 1 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 5\n";
  expect(readMachineUse([stat, "MemTotal:       24684096 kB\nMemFree: 1 kB\n"])).toEqual({
    time: 280_000_000n,
    processors: 2,
    memory: 25_276_514_304n,
  });
});

describe("readFirst()", () => {
  test("reads what version 1 writes", () => {
    const usage = readFirst(
      texts(firstFiles, {
        "cpuacct.usage": "33808669\n",
        "cpuacct.usage_percpu": "17885976 15922693 \n",
        "cpuacct.stat": "user 3\nsystem 2\n",
        "cpu.stat": "nr_periods 15\nnr_throttled 14\nthrottled_time 1094083474\n",
        "memory.usage_in_bytes": "2048\n",
        "memory.max_usage_in_bytes": "4000\n",
        "memory.failcnt": "5\n",
        "memory.limit_in_bytes": "9223372036854771712\n",
        "memory.stat": "cache 4\nrss 5\nhierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 6\nnew_counter 7\n",
        "pids.current": "2\n",
        "pids.max": "50\n",
        "blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 0\nTotal 4096\n",
        "blkio.throttle.io_serviced_recursive": "Total 0\n",
      }),
      machine,
    );
    expect(usage).toMatchObject({
      cpu: {
        total: 33_808_669n,
        perCpu: [17_885_976n, 15_922_693n],
        user: 30_000_000n,
        kernel: 20_000_000n,
        machine: 1_000n,
        processors: 2,
        throttling: { periods: 15n, throttled: 14n, time: 1_094_083_474n },
      },
      memory: { current: 2048n, highest: 4000n, failures: 5n, limit: 4096n },
      block: {
        bytes: [
          { major: 8n, minor: 0n, operation: "Read", value: 4096n },
          { major: 8n, minor: 0n, operation: "Write", value: 0n },
        ],
        operations: [],
      },
      pids: { current: 2n, limit: 50n },
    });
    expect(Object.keys(usage.memory.counters).length).toBe(32);
    expect(usage.memory.counters).toMatchObject({ cache: 4n, rss: 5n, hierarchical_memory_limit: 2n ** 63n - 4096n, dirty: 0n });
  });

  test("takes a limit of processes that is none for none, and files that are not there for nothing", () => {
    expect(readFirst(texts(firstFiles, { "pids.max": "max\n", "cpuacct.usage": "1" }), machine)).toMatchObject({
      cpu: { total: 1n, perCpu: [] },
      memory: { current: 0n, limit: 0n },
      pids: { current: 0n },
    });
    expect(readFirst(texts(firstFiles, { "pids.max": "max\n" }), machine).pids).toEqual({ current: 0n });
  });
});

describe("readSecond()", () => {
  test("reads what version 2 writes", () => {
    const usage = readSecond(
      texts(secondFiles, {
        "cpu.stat": "usage_usec 33\nuser_usec 22\nsystem_usec 11\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\nnr_bursts 9\n",
        "memory.current": "2048\n",
        "memory.max": "1024\n",
        "memory.events": "low 0\nhigh 0\nmax 8\noom 7\noom_kill 6\n",
        "memory.stat": "anon 5\nfile 6\nworkingset_refault_anon 1\nworkingset_refault_file 2\nworkingset_activate 4\n",
        "pids.current": "2\n",
        "pids.max": "max\n",
        "io.stat": "8:0 rbytes=4096 wbytes=1 rios=1 wios=1 dbytes=0 dios=0\n7:0\n",
      }),
      machine,
    );
    expect(usage).toEqual({
      cpu: {
        total: 33_000n,
        user: 22_000n,
        kernel: 11_000n,
        machine: 1_000n,
        processors: 2,
        throttling: { periods: 3n, throttled: 2n, time: 1_000n },
      },
      memory: { current: 2048n, limit: 1024n, failures: 7n, counters: expect.any(Object) },
      block: {
        bytes: [
          { major: 8n, minor: 0n, operation: "read", value: 4096n },
          { major: 8n, minor: 0n, operation: "write", value: 1n },
          { major: 7n, minor: 0n, operation: "read", value: 0n },
          { major: 7n, minor: 0n, operation: "write", value: 0n },
        ],
      },
      pids: { current: 2n, limit: 2n ** 64n - 1n },
    });
    expect(Object.keys(usage.memory.counters).length).toBe(31);
    expect(usage.memory.counters).toMatchObject({ anon: 5n, workingset_refault: 3n, workingset_activate: 4n, sock: 0n });
  });

  test("has the machine's memory for a limit that is none", () => {
    expect(readSecond(texts(secondFiles, { "memory.max": "max\n" }), machine).memory.limit).toBe(4096n);
  });
});
