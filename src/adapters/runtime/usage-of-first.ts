// What a container uses, from control groups of version 1 (Documentation/admin-guide/cgroup-v1).
import type { BlockCounter, Usage } from "#container";
import { pick, readNumber, readNumbers, wordsOf } from "./kernel-text.ts";
import { type MachineUse, tick } from "./machine-use.ts";

/** Read in this order, which `readFirst` goes by. */
export const firstFiles = [
  { controller: "cpuacct", name: "cpuacct.usage" },
  { controller: "cpuacct", name: "cpuacct.usage_percpu" },
  { controller: "cpuacct", name: "cpuacct.stat" },
  { controller: "cpu", name: "cpu.stat" },
  { controller: "memory", name: "memory.usage_in_bytes" },
  { controller: "memory", name: "memory.max_usage_in_bytes" },
  { controller: "memory", name: "memory.failcnt" },
  { controller: "memory", name: "memory.limit_in_bytes" },
  { controller: "memory", name: "memory.stat" },
  { controller: "pids", name: "pids.current" },
  { controller: "pids", name: "pids.max" },
  { controller: "blkio", name: "blkio.throttle.io_service_bytes_recursive" },
  { controller: "blkio", name: "blkio.throttle.io_serviced_recursive" },
] as const;

const ownCounters =
  "active_anon active_file cache dirty inactive_anon inactive_file mapped_file pgfault pgmajfault pgpgin pgpgout rss rss_huge unevictable writeback".split(
    " ",
  );

/** By name, as Docker lists them. */
const memoryCounters = [
  ...ownCounters,
  ...ownCounters.map((name) => `total_${name}`),
  "hierarchical_memory_limit",
  "hierarchical_memsw_limit",
].toSorted();

/** The texts of `firstFiles`; a file that is not there counts nothing. */
export function readFirst(texts: readonly (string | undefined)[], machine: MachineUse): Omit<Usage, "at"> {
  const [total, perCpu, times, throttling, current, highest, failures, limit, counters, pids, pidLimit, bytes, operations] = texts;
  const spent = readNumbers(times);
  const throttled = readNumbers(throttling);
  const most = readNumber(limit) ?? 0n;
  const mostPids = readNumber(pidLimit);
  return {
    cpu: {
      total: readNumber(total) ?? 0n,
      perCpu: wordsOf(perCpu ?? "").map(BigInt),
      kernel: (spent.get("system") ?? 0n) * tick,
      user: (spent.get("user") ?? 0n) * tick,
      machine: machine.time,
      processors: machine.processors,
      throttling: {
        periods: throttled.get("nr_periods") ?? 0n,
        throttled: throttled.get("nr_throttled") ?? 0n,
        time: throttled.get("throttled_time") ?? 0n,
      },
    },
    memory: {
      current: readNumber(current) ?? 0n,
      highest: readNumber(highest) ?? 0n,
      limit: most > machine.memory ? machine.memory : most,
      failures: readNumber(failures) ?? 0n,
      counters: pick(readNumbers(counters), memoryCounters),
    },
    block: { bytes: blockCounters(bytes), operations: blockCounters(operations) },
    pids: { current: readNumber(pids) ?? 0n, ...(mostPids !== undefined && { limit: mostPids }) },
  };
}

/** Lines "8:0 Read 4096" with a last line "Total 4096". */
function blockCounters(text: string | undefined): readonly BlockCounter[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
    if (match === null) return [];
    const [, major = "0", minor = "0", operation = "", value = "0"] = match;
    return [{ major: BigInt(major), minor: BigInt(minor), operation, value: BigInt(value) }];
  });
}
