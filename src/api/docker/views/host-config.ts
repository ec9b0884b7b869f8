import {
  type BindMount,
  type ContainerSpec,
  type DeviceLimit,
  type DeviceRequest,
  type HostSpec,
  maskedPaths,
  networkNameOf,
  readonlyPaths,
  shownSecurityOptions,
  usualShmSize,
} from "#container";
import { nullIfEmpty } from "./container-config.ts";

/** Facts of the host that Docker's defaults depend on. */
export interface HostDefaults {
  readonly cgroupVersion: "1" | "2";
  readonly runtime: string;
}

/** HostConfig of an inspect reply. */
export function hostConfigView(spec: ContainerSpec, defaults: HostDefaults): Readonly<Record<string, unknown>> {
  const { host } = spec;
  const mounts = host.mountRequests ?? host.binds.filter((bind) => !bind.createSource).map(mountOf);
  return {
    Binds: nullIfEmpty(host.bindTexts),
    ContainerIDFile: host.idFile ?? "",
    LogConfig: { Type: host.log?.driver ?? "json-file", Config: host.log?.options ?? {} },
    NetworkMode: networkNameOf(host),
    PortBindings: portBindings(host),
    RestartPolicy: { Name: host.restart?.name ?? "no", MaximumRetryCount: host.restart?.maximum ?? 0 },
    AutoRemove: host.autoRemove,
    VolumeDriver: host.volumeDriver ?? "",
    VolumesFrom: host.volumesFrom ?? null,
    ConsoleSize: [0, 0],
    ...(host.annotations !== undefined && { Annotations: host.annotations }),
    CapAdd: nullIfEmpty(host.capAdd),
    CapDrop: nullIfEmpty(host.capDrop),
    CgroupnsMode: host.cgroupNamespace ?? (host.privileged || defaults.cgroupVersion === "1" ? "host" : "private"),
    Dns: host.lookup?.servers ?? null,
    DnsOptions: host.lookup?.options ?? null,
    DnsSearch: host.lookup?.search ?? null,
    ExtraHosts: host.lookup?.extraHosts ?? null,
    GroupAdd: nullIfEmpty(host.groupAdd ?? []),
    IpcMode: host.ipcMode ?? "private",
    Cgroup: "",
    Links: null,
    OomScoreAdj: host.oomScoreAdj ?? 0,
    PidMode: host.pidMode ?? "",
    Privileged: host.privileged,
    PublishAllPorts: host.publishAll === true,
    ReadonlyRootfs: host.readOnlyRootfs,
    SecurityOpt: nullIfEmpty(shownSecurityOptions(host)),
    ...(host.storageOptions !== undefined && { StorageOpt: host.storageOptions }),
    ...(Object.keys(host.tmpfs).length > 0 && { Tmpfs: host.tmpfs }),
    UTSMode: host.utsMode ?? "",
    UsernsMode: host.usernsMode ?? "",
    ShmSize: host.shmSize ?? usualShmSize,
    Runtime: host.runtime ?? defaults.runtime,
    ...(host.sysctls !== undefined && { Sysctls: host.sysctls }),
    Isolation: host.isolation ?? "",
    ...resources(host),
    ...(host.init === true && { Init: true }),
    ...(mounts.length > 0 && { Mounts: mounts }),
    MaskedPaths: host.maskedPaths ?? (host.privileged ? null : maskedPaths),
    ReadonlyPaths: host.readonlyPaths ?? (host.privileged ? null : readonlyPaths),
  };
}

function resources({
  resources: limits,
  cgroupParent = "",
  ulimits,
  devices = [],
  deviceRequests = [],
  deviceRules = [],
}: HostSpec): Readonly<Record<string, unknown>> {
  const { block = {} } = limits;
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: limits.memory ?? 0,
    NanoCpus: limits.nanoCpus ?? 0,
    CgroupParent: cgroupParent,
    BlkioWeight: block.weight ?? 0,
    BlkioWeightDevice: nullIfEmpty((block.weights ?? []).map(({ path, value }) => ({ Path: path, Weight: value }))),
    BlkioDeviceReadBps: rates(block.readBps),
    BlkioDeviceWriteBps: rates(block.writeBps),
    BlkioDeviceReadIOps: rates(block.readIops),
    BlkioDeviceWriteIOps: rates(block.writeIops),
    CpuPeriod: limits.cpuPeriod ?? 0,
    CpuQuota: limits.cpuQuota ?? 0,
    CpuRealtimePeriod: limits.realtimePeriod ?? 0,
    CpuRealtimeRuntime: limits.realtimeRuntime ?? 0,
    CpusetCpus: limits.cpus ?? "",
    CpusetMems: limits.memoryNodes ?? "",
    Devices: nullIfEmpty(
      devices.map(({ source, target, access }) => ({ PathOnHost: source, PathInContainer: target, CgroupPermissions: access })),
    ),
    DeviceCgroupRules: nullIfEmpty(deviceRules),
    DeviceRequests: nullIfEmpty(deviceRequests.map(requestView)),
    ...(limits.kernelMemoryTcp !== undefined && { KernelMemoryTCP: limits.kernelMemoryTcp }),
    MemoryReservation: limits.memoryReservation ?? 0,
    MemorySwap: limits.memorySwap ?? 0,
    MemorySwappiness: limits.swappiness ?? null,
    OomKillDisable: limits.oomKillDisable ?? false,
    PidsLimit: limits.pidsLimit ?? null,
    Ulimits: nullIfEmpty(ulimits.map(({ name, hard, soft }) => ({ Name: name, Hard: hard, Soft: soft }))),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

function requestView({ driver, count, ids = [], capabilities = [], options }: DeviceRequest): Readonly<Record<string, unknown>> {
  return {
    Driver: driver,
    Count: count,
    DeviceIDs: nullIfEmpty(ids),
    Capabilities: nullIfEmpty(capabilities),
    Options: options ?? (driver === "cdi" ? null : {}),
  };
}

function rates(limits: readonly DeviceLimit[] = []): readonly unknown[] | null {
  return nullIfEmpty(limits.map(({ path, value }) => ({ Path: path, Rate: value })));
}

function portBindings(host: HostSpec): Readonly<Record<string, unknown>> {
  const byPort = Map.groupBy(host.ports, (port) => `${port.containerPort}/${port.protocol}`);
  return Object.fromEntries(
    [...byPort].map(([port, bindings]) => [
      port,
      bindings.map(({ hostIp, hostPort, hostPortText = String(hostPort) }) => ({ HostIp: hostIp, HostPort: hostPortText })),
    ]),
  );
}

/** For rows of daemons that did not keep what was written. */
function mountOf(bind: BindMount): Readonly<Record<string, unknown>> {
  return {
    Type: "bind",
    Source: bind.source,
    Target: bind.target,
    ...(bind.readOnly && { ReadOnly: true }),
    ...(bind.propagation !== "rprivate" && { BindOptions: { Propagation: bind.propagation } }),
  };
}
