import type { MachineLimits } from "#container";
import type { EngineInfo } from "#engine";

/** The machine that the memory engine makes believe it runs on. */
export const memoryHost = {
  id: "memory",
  name: "host",
  root: "/data",
  kernelVersion: "6.1.0",
  operatingSystem: "Debian",
  osVersion: "12",
  architecture: "x86_64",
  cpus: 2,
  memory: 4e9,
  layerDriver: "directory",
  layerDriverStatus: [],
  cgroup: { version: "2", driver: "cgroupfs", memoryLimit: true, swapLimit: true, pidsLimit: true },
  securityOptions: ["name=seccomp,profile=builtin"],
  runtimes: { crun: { path: "/usr/bin/crun", version: "1.8.1" } },
  defaultRuntime: "crun",
  debug: false,
  experimental: false,
  labels: [],
  loggingDriver: "json-file",
  insecureRegistries: [],
  cdiSpecDirs: ["/etc/cdi", "/var/run/cdi"],
  mirrors: [],
  proxies: { http: "", https: "", no: "" },
  warnings: [],
  fileDescriptors: 1,
  goroutines: 1,
} satisfies Partial<EngineInfo>;

/** What its kernel can enforce: everything. */
export const memoryLimits: MachineLimits = {
  memory: true,
  swap: true,
  reservation: true,
  swappiness: true,
  oomKillDisable: true,
  pids: true,
  cpuShares: true,
  cpuQuota: true,
  realtime: true,
  cpuset: true,
  blockWeight: true,
  blockWeights: true,
  blockThrottling: true,
  processors: 2,
  cpus: "0-1",
  memoryNodes: "0",
};
