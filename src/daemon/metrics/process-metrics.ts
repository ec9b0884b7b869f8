import { readdir, readFile } from "node:fs/promises";
import type { MetricFamily } from "./text-format.ts";

/** The daemon's own process, under the names that Prometheus' clients give it (proc(5)). */
export async function processMetrics(): Promise<readonly MetricFamily[]> {
  const [limits, descriptors, status] = await Promise.all([
    readFile("/proc/self/limits", "utf8"),
    readdir("/proc/self/fd"),
    readFile("/proc/self/status", "utf8"),
  ]);
  const { user, system } = process.cpuUsage();
  const kibibytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
  const open = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return [
    single("cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", (user + system) / 1e6),
    single("max_fds", "gauge", "Maximum number of open file descriptors.", open === undefined ? Infinity : Number(open)),
    single("open_fds", "gauge", "Number of open file descriptors.", descriptors.length),
    single("resident_memory_bytes", "gauge", "Resident memory size in bytes.", kibibytes("VmRSS")),
    single("start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", Date.now() / 1000 - process.uptime()),
    single("virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", kibibytes("VmSize")),
  ];
}

function single(name: string, type: "counter" | "gauge", help: string, value: number): MetricFamily {
  return { name: `process_${name}`, type, help, samples: [{ value }] };
}
