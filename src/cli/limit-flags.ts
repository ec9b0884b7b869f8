import { int, list, text, bool, type Flag, type FlagValues } from "./flag.ts";
import { isCdiName, parseDeviceLimit, parseDeviceRate, parseDeviceRule, parseDevice, parseWeight } from "./device-limits.ts";
import { type DeviceRequest, parseGpuRequest } from "./gpu-request.ts";
import { pairsOf } from "./pairs.ts";
import { parseBytes, parseCpus, parseSwap } from "./quantities.ts";

const bytes = (name: string, usage: string, short?: string): Flag =>
  text(name, usage, { valueName: "bytes", check: (value) => void parseBytes(value), ...(short !== undefined && { short }) });

const whole = (name: string, usage: string): Flag => int(name, usage);

/** Limits that `create`, `run` and `update` share. */
export const changeableLimitFlags: readonly Flag[] = [
  text("blkio-weight", "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)", {
    valueName: "uint16",
    check: (value) => void parseWeight(value),
  }),
  whole("cpu-period", "Limit CPU CFS (Completely Fair Scheduler) period"),
  whole("cpu-quota", "Limit CPU CFS (Completely Fair Scheduler) quota"),
  whole("cpu-rt-period", "Limit CPU real-time period in microseconds"),
  whole("cpu-rt-runtime", "Limit CPU real-time runtime in microseconds"),
  int("cpu-shares", "CPU shares (relative weight)", { short: "c" }),
  text("cpus", "Number of CPUs", { valueName: "decimal", check: (value) => void parseCpus(value) }),
  text("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
  text("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
  bytes("memory", "Memory limit", "m"),
  bytes("memory-reservation", "Memory soft limit"),
  text("memory-swap", "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    valueName: "bytes",
    check: (value) => void parseSwap(value),
  }),
  int("pids-limit", "Tune container pids limit (set -1 for unlimited)"),
];

const rate = (name: string, usage: string, unit: "bytes" | "operations"): Flag =>
  list(name, usage, { fallback: "[]", check: (value) => void parseDeviceRate(value, unit) });

/** Limits that a container gets when it is made, and keeps. */
export const fixedLimitFlags: readonly Flag[] = [
  list("blkio-weight-device", "Block IO weight (relative device weight)", {
    fallback: "[]",
    check: (value) => void parseDeviceLimit(value),
  }),
  text("cgroup-parent", "Optional parent cgroup for the container"),
  list("device", "Add a host device to the container"),
  list("device-cgroup-rule", "Add a rule to the cgroup allowed devices list", { check: parseDeviceRule }),
  rate("device-read-bps", "Limit read rate (bytes per second) from a device", "bytes"),
  rate("device-read-iops", "Limit read rate (IO per second) from a device", "operations"),
  rate("device-write-bps", "Limit write rate (bytes per second) to a device", "bytes"),
  rate("device-write-iops", "Limit write rate (IO per second) to a device", "operations"),
  list("gpus", "GPU devices to add to the container ('all' to pass all GPUs)", {
    valueName: "gpu-request",
    check: (value) => void parseGpuRequest(value),
  }),
  text("kernel-memory", "Kernel memory limit", { valueName: "bytes", hidden: true, check: (value) => void parseBytes(value) }),
  int("memory-swappiness", "Tune container memory swappiness (0 to 100)", { fallback: "-1" }),
  bool("oom-kill-disable", "Disable OOM Killer"),
  int("oom-score-adj", "Tune host's OOM preferences"),
  bytes("shm-size", "Size of /dev/shm"),
  list("storage-opt", "Storage driver options for the container"),
];

/** The Resources of a request, with what was said. @throws Error in Docker's words */
export function changeableLimits(flags: FlagValues): Readonly<Record<string, unknown>> {
  const number = (field: string, flag: string): object => (flags.changed(flag) ? { [field]: flags.int(flag) } : {});
  const word = (field: string, flag: string): object => (flags.changed(flag) ? { [field]: flags.text(flag) } : {});
  const size = (field: string, flag: string, parse = parseBytes): object =>
    flags.changed(flag) ? { [field]: parse(flags.text(flag)) } : {};
  return {
    ...size("BlkioWeight", "blkio-weight", parseWeight),
    ...number("CpuPeriod", "cpu-period"),
    ...number("CpuQuota", "cpu-quota"),
    ...number("CpuRealtimePeriod", "cpu-rt-period"),
    ...number("CpuRealtimeRuntime", "cpu-rt-runtime"),
    ...number("CpuShares", "cpu-shares"),
    ...size("NanoCpus", "cpus", parseCpus),
    ...word("CpusetCpus", "cpuset-cpus"),
    ...word("CpusetMems", "cpuset-mems"),
    ...size("Memory", "memory"),
    ...size("MemoryReservation", "memory-reservation"),
    ...size("MemorySwap", "memory-swap", parseSwap),
    ...number("PidsLimit", "pids-limit"),
  };
}

/** All limits of a new container. @throws Error in Docker's words */
export function limitsOf(flags: FlagValues): Readonly<Record<string, unknown>> {
  const swappiness = flags.int("memory-swappiness") ?? -1;
  if (swappiness < -1 || swappiness > 100) throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  const each = (field: string, flag: string, read: (value: string) => unknown): object => {
    const values = flags.list(flag);
    return values.length === 0 ? {} : { [field]: values.map(read) };
  };
  return {
    ...changeableLimits(flags),
    ...each("BlkioWeightDevice", "blkio-weight-device", parseDeviceLimit),
    ...(flags.changed("cgroup-parent") && { CgroupParent: flags.text("cgroup-parent") }),
    ...devicesOf(flags),
    ...each("DeviceCgroupRules", "device-cgroup-rule", (rule) => rule),
    ...each("BlkioDeviceReadBps", "device-read-bps", (value) => parseDeviceRate(value, "bytes")),
    ...each("BlkioDeviceReadIOps", "device-read-iops", (value) => parseDeviceRate(value, "operations")),
    ...each("BlkioDeviceWriteBps", "device-write-bps", (value) => parseDeviceRate(value, "bytes")),
    ...each("BlkioDeviceWriteIOps", "device-write-iops", (value) => parseDeviceRate(value, "operations")),
    ...(flags.changed("kernel-memory") && { KernelMemory: parseBytes(flags.text("kernel-memory")) }),
    ...(flags.changed("memory-swappiness") && { MemorySwappiness: swappiness }),
    ...(flags.changed("oom-kill-disable") && { OomKillDisable: flags.bool("oom-kill-disable") }),
    ...(flags.changed("oom-score-adj") && { OomScoreAdj: flags.int("oom-score-adj") }),
    ...storageOptions(flags.list("storage-opt")),
    ...(flags.changed("shm-size") && { ShmSize: parseBytes(flags.text("shm-size")) }),
  };
}

/** Names of CDI devices go where GPUs are asked for. */
function devicesOf(flags: FlagValues): object {
  const names = flags.list("device").filter(isCdiName);
  const paths = flags.list("device").filter((device) => !isCdiName(device));
  const requests: DeviceRequest[] = flags.list("gpus").map(parseGpuRequest);
  if (names.length > 0) requests.push({ Driver: "cdi", Count: 0, DeviceIDs: names, Capabilities: null, Options: null });
  return {
    ...(paths.length > 0 && { Devices: paths.map(parseDevice) }),
    ...(requests.length > 0 && { DeviceRequests: requests }),
  };
}

function storageOptions(options: readonly string[]): object {
  if (options.some((option) => !option.includes("="))) throw new Error("invalid storage option");
  return options.length === 0 ? {} : { StorageOpt: pairsOf(options) };
}
