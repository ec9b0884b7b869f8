import { formatInstant, neverHappened } from "#base";
import type { BlockCounter, CpuUsage, MemoryUsage, Usage } from "#container";
import type { Reading } from "#engine";
import type { InterfaceCounters } from "#network";
import { exactInteger } from "#wire";

type Body = Readonly<Record<string, unknown>>;

/** Whose reading it is; Docker leaves it away from a single one. */
export interface NamedStats {
  /** With the leading slash. */
  readonly name: string;
  readonly id: string;
}

/** Body of GET /containers/{id}/stats: a reading beside the one before it. All is zero for a container that does not run. */
export function statsView(reading: Reading | undefined, named?: NamedStats, before?: Reading): Body {
  const usage = reading?.usage;
  return {
    ...named,
    read: timeOf(usage),
    preread: timeOf(before?.usage),
    pids_stats: withoutZeros({ current: usage?.pids.current, limit: usage?.pids.limit }),
    blkio_stats: blockView(usage),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuView(usage?.cpu),
    precpu_stats: cpuView(before?.usage.cpu),
    memory_stats: memoryView(usage?.memory),
    ...(reading?.networks !== undefined && { networks: Object.fromEntries(reading.networks.map((link) => [link.name, linkView(link)])) }),
  };
}

function timeOf(usage: Usage | undefined): string {
  return usage === undefined ? neverHappened : formatInstant(usage.at);
}

function cpuView(cpu: CpuUsage | undefined): Body {
  return {
    cpu_usage: {
      total_usage: count(cpu?.total),
      ...(cpu?.perCpu !== undefined && { percpu_usage: cpu.perCpu.map(count) }),
      usage_in_kernelmode: count(cpu?.kernel),
      usage_in_usermode: count(cpu?.user),
    },
    ...withoutZeros({ system_cpu_usage: cpu?.machine, online_cpus: BigInt(cpu?.processors ?? 0) }),
    throttling_data: {
      periods: count(cpu?.throttling.periods),
      throttled_periods: count(cpu?.throttling.throttled),
      throttled_time: count(cpu?.throttling.time),
    },
  };
}

function memoryView(memory: MemoryUsage | undefined): Body {
  if (memory === undefined) return {};
  return {
    ...withoutZeros({ usage: memory.current, max_usage: memory.highest }),
    stats: Object.fromEntries(Object.entries(memory.counters).map(([name, value]) => [name, count(value)])),
    ...withoutZeros({ failcnt: memory.failures, limit: memory.limit }),
  };
}

/** Version 2 knows bytes alone, and what it does not know is null. */
function blockView(usage: Usage | undefined): Body {
  const block = usage?.block;
  const none = block?.operations === undefined ? null : [];
  const bytes = block === undefined || (block.operations === undefined && block.bytes.length === 0) ? null : block.bytes.map(blockCounter);
  return {
    io_service_bytes_recursive: bytes,
    io_serviced_recursive: block?.operations?.map(blockCounter) ?? null,
    io_queue_recursive: none,
    io_service_time_recursive: none,
    io_wait_time_recursive: none,
    io_merged_recursive: none,
    io_time_recursive: none,
    sectors_recursive: none,
  };
}

function blockCounter({ major, minor, operation, value }: BlockCounter): Body {
  return { major: count(major), minor: count(minor), op: operation, value: count(value) };
}

function linkView({ received, sent }: InterfaceCounters): Body {
  return {
    rx_bytes: count(received.bytes),
    rx_packets: count(received.packets),
    rx_errors: count(received.errors),
    rx_dropped: count(received.dropped),
    tx_bytes: count(sent.bytes),
    tx_packets: count(sent.packets),
    tx_errors: count(sent.errors),
    tx_dropped: count(sent.dropped),
  };
}

/** As Go's omitempty has it. */
function withoutZeros(counters: Readonly<Record<string, bigint | undefined>>): Body {
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, value]) => (value === undefined || value === 0n ? [] : [[name, count(value)]])),
  );
}

/** Counters are unsigned 64-bit numbers, of which a double holds the first 53 bits. */
function count(value: bigint | undefined): unknown {
  if (value === undefined) return 0;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : exactInteger(value);
}
