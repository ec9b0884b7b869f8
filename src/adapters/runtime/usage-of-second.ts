// What a container uses, from control groups of version 2 (Documentation/admin-guide/cgroup-v2.rst).
import type { BlockCounter, Usage } from "#container";
import { pick, readNumber, readNumbers, wordsOf } from "./kernel-text.ts";
import type { MachineUse } from "./machine-use.ts";

/** Read in this order, which `readSecond` goes by. */
export const secondFiles = [
  "cpu.stat",
  "memory.current",
  "memory.max",
  "memory.events",
  "memory.stat",
  "pids.current",
  "pids.max",
  "io.stat",
].map((name) => ({ controller: "", name }));

/** By name, as Docker lists them. */
const memoryCounters = (
  "active_anon active_file anon anon_thp file file_dirty file_mapped file_writeback inactive_anon inactive_file kernel_stack pgactivate " +
  "pgdeactivate pgfault pglazyfree pglazyfreed pgmajfault pgrefill pgscan pgsteal shmem slab slab_reclaimable slab_unreclaimable sock " +
  "thp_collapse_alloc thp_fault_alloc unevictable workingset_activate workingset_nodereclaim workingset_refault"
).split(" ");

/** What Docker reports for a limit that there is none of. */
const endless = 2n ** 64n - 1n;

/** The texts of `secondFiles`; a file that is not there counts nothing. */
export function readSecond(texts: readonly (string | undefined)[], machine: MachineUse): Omit<Usage, "at"> {
  const [cpu, current, limit, events, counters, pids, pidLimit, io] = texts;
  const times = readNumbers(cpu);
  const microseconds = (name: string): bigint => (times.get(name) ?? 0n) * 1000n;
  const most = readNumber(limit) ?? endless;
  return {
    cpu: {
      total: microseconds("usage_usec"),
      kernel: microseconds("system_usec"),
      user: microseconds("user_usec"),
      machine: machine.time,
      processors: machine.processors,
      throttling: {
        periods: times.get("nr_periods") ?? 0n,
        throttled: times.get("nr_throttled") ?? 0n,
        time: microseconds("throttled_usec"),
      },
    },
    memory: {
      current: readNumber(current) ?? 0n,
      limit: most > machine.memory ? machine.memory : most,
      failures: readNumbers(events).get("oom") ?? 0n,
      counters: pick(withSums(readNumbers(counters)), memoryCounters),
    },
    block: { bytes: blockCounters(io ?? "") },
    pids: { current: readNumber(pids) ?? 0n, limit: readNumber(pidLimit) ?? endless },
  };
}

/** Kernels from 5.9 on count refaults and their kin for anonymous and file memory apart; Docker's names are the sums. */
function withSums(found: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  const sums = ["workingset_refault", "workingset_activate"].map((name): readonly [string, bigint] => {
    const whole = found.get(name);
    return [name, whole ?? (found.get(`${name}_anon`) ?? 0n) + (found.get(`${name}_file`) ?? 0n)];
  });
  return new Map([...found, ...sums]);
}

/** Lines "8:0 rbytes=4096 wbytes=0 rios=1 ...". */
function blockCounters(text: string): readonly BlockCounter[] {
  return text.split("\n").flatMap((line) => {
    const [device = "", ...words] = wordsOf(line);
    const match = /^(\d+):(\d+)$/.exec(device);
    if (match === null) return [];
    const of = (name: string): bigint => readNumber(words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)) ?? 0n;
    const place = { major: BigInt(match[1] ?? "0"), minor: BigInt(match[2] ?? "0") };
    return [
      { ...place, operation: "read", value: of("rbytes") },
      { ...place, operation: "write", value: of("wbytes") },
    ];
  });
}
