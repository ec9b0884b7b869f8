import { formatInstant, type Instant } from "#base";
import type { EngineInfo } from "#engine";
import type { Identity } from "../identity.ts";

type Body = Readonly<Record<string, unknown>>;

/** Body of GET /version. The first component is Gantry with its own version; the others are what clients look for. */
export function versionView(identity: Identity, info: EngineInfo): Body {
  const runtime = info.runtimes[info.defaultRuntime];
  const architecture = goArchitecture(info.architecture);
  const details = {
    ApiVersion: identity.apiVersion,
    Arch: architecture,
    BuildTime: identity.buildTime,
    Experimental: String(info.experimental),
    GitCommit: identity.commit,
    KernelVersion: info.kernelVersion,
    MinAPIVersion: identity.minApiVersion,
    Os: "linux",
  };
  return {
    Platform: { Name: `Gantry ${identity.version}` },
    Components: [
      { Name: "Gantry", Version: identity.version, Details: details },
      { Name: "Engine", Version: identity.dockerVersion, Details: { ...details, GoVersion: "" } },
      ...(runtime === undefined ? [] : [{ Name: info.defaultRuntime, Version: runtime.version, Details: { GitCommit: "" } }]),
    ],
    Version: identity.dockerVersion,
    ApiVersion: identity.apiVersion,
    MinAPIVersion: identity.minApiVersion,
    GitCommit: identity.commit,
    GoVersion: "",
    Os: "linux",
    Arch: architecture,
    KernelVersion: info.kernelVersion,
    BuildTime: identity.buildTime,
  };
}

/** Body of GET /info, at the newest version. */
export function infoView(info: EngineInfo, identity: Identity, now: Instant): Body {
  const { containers, cgroup } = info;
  const isFirst = cgroup.version === "1";
  return {
    ID: info.id,
    Containers: containers.total,
    ContainersRunning: containers.running,
    ContainersPaused: containers.paused,
    ContainersStopped: containers.stopped,
    Images: info.images,
    Driver: info.layerDriver,
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"], ...info.layerDriverStatus],
    Plugins: { Volume: ["local"], Network: ["bridge", "host", "null"], Authorization: null, Log: ["json-file", "local"] },
    MemoryLimit: cgroup.memoryLimit,
    SwapLimit: cgroup.swapLimit,
    ...(isFirst && { KernelMemoryTCP: true }),
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: cgroup.pidsLimit,
    IPv4Forwarding: true,
    Debug: info.debug,
    NFd: info.fileDescriptors,
    OomKillDisable: isFirst,
    NGoroutines: info.goroutines,
    SystemTime: formatInstant(now),
    LoggingDriver: info.loggingDriver,
    CgroupDriver: cgroup.driver,
    CgroupVersion: cgroup.version,
    NEventsListener: info.eventListeners,
    KernelVersion: info.kernelVersion,
    OperatingSystem: info.operatingSystem,
    OSVersion: info.osVersion,
    OSType: "linux",
    Architecture: info.architecture,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registries(info),
    NCPU: info.cpus,
    MemTotal: info.memory,
    GenericResources: null,
    DockerRootDir: info.root,
    HttpProxy: withoutCredentials(info.proxies.http),
    HttpsProxy: withoutCredentials(info.proxies.https),
    NoProxy: info.proxies.no,
    Name: info.name,
    Labels: info.labels,
    ExperimentalBuild: info.experimental,
    ServerVersion: identity.dockerVersion,
    Runtimes: Object.fromEntries(Object.entries(info.runtimes).map(([name, runtime]) => [name, runtimeView(runtime)])),
    DefaultRuntime: info.defaultRuntime,
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "", RemoteManagers: null },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: info.runtimes["runc"]?.version ?? "" },
    InitCommit: { ID: "" },
    SecurityOptions: info.securityOptions,
    FirewallBackend: { Driver: "nftables" },
    CDISpecDirs: info.cdiSpecDirs,
    Warnings: info.warnings.length === 0 ? null : info.warnings,
  };
}

function runtimeView({ path, runtimeArgs = [] }: EngineInfo["runtimes"][string]): Body {
  return { path, ...(runtimeArgs.length > 0 && { runtimeArgs }) };
}

/** Who reads `info` need not know the proxy's password. */
function withoutCredentials(proxy: string): string {
  return proxy.replace(/^(\w+:\/\/)[^@/]*@/, "$1xxxxx:xxxxx@");
}

function registries({ insecureRegistries: insecure, mirrors: all }: EngineInfo): Body {
  // Docker knows mirrors of its own hub alone.
  const mirrors = all.filter((mirror) => !/^[^=/]+=/.test(mirror));
  const isRange = (text: string): boolean => /\/[0-9]+$/.test(text);
  const index = (name: string, secure: boolean, official: boolean): Body => ({
    Mirrors: official ? asUrls(mirrors) : [],
    Name: name,
    Official: official,
    Secure: secure,
  });
  const named = insecure.filter((text) => !isRange(text)).map((name) => [name, index(name, false, false)]);
  return {
    IndexConfigs: { "docker.io": index("docker.io", true, true), ...Object.fromEntries(named) },
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8", ...insecure.filter(isRange)],
    Mirrors: mirrors.length === 0 ? null : asUrls(mirrors),
  };
}

/** Docker shows them with the slash that it adds. */
function asUrls(mirrors: readonly string[]): readonly string[] {
  return mirrors.map((mirror) => `${mirror.replace(/\/+$/, "")}/`);
}

function goArchitecture(machine: string): string {
  return { x86_64: "amd64", aarch64: "arm64" }[machine] ?? machine;
}
