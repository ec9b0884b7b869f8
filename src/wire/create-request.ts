import {
  emptyStruct,
  fileMode,
  flag,
  int,
  int64,
  list,
  named,
  optional,
  record,
  stringOrStrings,
  struct,
  text,
  uint,
  uint16,
  uint64,
  type Decoded,
} from "./decode.ts";

const texts = list(text);
const optionalTexts = optional(texts);

const healthConfig = struct("v1.HealthcheckConfig", {
  Test: texts,
  Interval: int64,
  Timeout: int64,
  StartPeriod: int64,
  StartInterval: int64,
  Retries: int,
});

const driver = struct("mount.Driver", { Name: text, Options: record(text) });

const mount = struct("mount.Mount", {
  Type: named("mount.Type"),
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: named("mount.Consistency"),
  BindOptions: optional(
    struct("mount.BindOptions", {
      Propagation: named("mount.Propagation"),
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: optional(
    struct("mount.VolumeOptions", { NoCopy: flag, Labels: record(text), Subpath: text, DriverConfig: optional(driver) }),
  ),
  ImageOptions: optional(struct("mount.ImageOptions", { Subpath: text })),
  TmpfsOptions: optional(struct("mount.TmpfsOptions", { SizeBytes: int64, Mode: fileMode, Options: list(texts) })),
  ClusterOptions: optional(struct("mount.ClusterOptions", {})),
});

const weightDevice = struct("blkiodev.WeightDevice", { Path: text, Weight: uint16 });
const throttleDevice = struct("blkiodev.ThrottleDevice", { Path: text, Rate: uint64 });
const deviceMapping = struct("container.DeviceMapping", { PathOnHost: text, PathInContainer: text, CgroupPermissions: text });
const deviceRequest = struct("container.DeviceRequest", {
  Driver: text,
  Count: int,
  DeviceIDs: texts,
  Capabilities: list(texts),
  Options: record(text),
});
const portBinding = struct("nat.PortBinding", { HostIp: text, HostPort: text });
const ulimit = struct("units.Ulimit", { Name: text, Hard: int64, Soft: int64 });

/** Docker's Resources: what a create and an update share. */
const resourceFields = {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: text,
  BlkioWeight: uint16,
  BlkioWeightDevice: list(weightDevice, "[]*blkiodev.WeightDevice"),
  BlkioDeviceReadBps: list(throttleDevice, "[]*blkiodev.ThrottleDevice"),
  BlkioDeviceWriteBps: list(throttleDevice, "[]*blkiodev.ThrottleDevice"),
  BlkioDeviceReadIOps: list(throttleDevice, "[]*blkiodev.ThrottleDevice"),
  BlkioDeviceWriteIOps: list(throttleDevice, "[]*blkiodev.ThrottleDevice"),
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list(deviceMapping),
  DeviceCgroupRules: texts,
  DeviceRequests: list(deviceRequest),
  KernelMemory: int64,
  KernelMemoryTCP: int64,
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: optional(int64),
  OomKillDisable: optional(flag),
  PidsLimit: optional(int64),
  Ulimits: list(ulimit, "[]*units.Ulimit"),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: int64,
  IOMaximumBandwidth: int64,
};

const restartPolicy = struct("container.RestartPolicy", { Name: named("container.RestartPolicyMode"), MaximumRetryCount: int });

/** Body of POST /containers/{id}/update. */
export const updateRequest = struct("container.UpdateConfig", { ...resourceFields, RestartPolicy: restartPolicy });

/** Docker's HostConfig (API 1.51), with every field of it, so that none can be overlooked. */
export const hostConfig = struct("container.HostConfig", {
  Binds: optionalTexts,
  ContainerIDFile: text,
  LogConfig: struct("container.LogConfig", { Type: text, Config: record(text) }),
  NetworkMode: named("container.NetworkMode"),
  PortBindings: record(list(portBinding), "nat.PortMap"),
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  ConsoleSize: list(uint, "[2]uint"),
  Annotations: record(text),
  CapAdd: optional(stringOrStrings),
  CapDrop: optional(stringOrStrings),
  CgroupnsMode: named("container.CgroupnsMode"),
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: named("container.IpcMode"),
  Cgroup: named("container.CgroupSpec"),
  Links: texts,
  OomScoreAdj: int,
  PidMode: named("container.PidMode"),
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: record(text),
  Tmpfs: record(text),
  UTSMode: named("container.UTSMode"),
  UsernsMode: named("container.UsernsMode"),
  ShmSize: int64,
  Sysctls: record(text),
  Runtime: text,
  Isolation: named("container.Isolation"),
  ...resourceFields,
  Mounts: list(mount),
  MaskedPaths: optionalTexts,
  ReadonlyPaths: optionalTexts,
  Init: optional(flag),
});

export const endpointSettings = struct("network.EndpointSettings", {
  IPAMConfig: optional(struct("network.EndpointIPAMConfig", { IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
  Links: texts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: record(text),
  GwPriority: int,
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: int,
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: int,
  DNSNames: texts,
});

const configFields = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: record(emptyStruct, "nat.PortSet"),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: optional(stringOrStrings),
  Healthcheck: optional(healthConfig),
  ArgsEscaped: flag,
  Image: text,
  Volumes: record(emptyStruct, "map[string]struct {}"),
  WorkingDir: text,
  Entrypoint: optional(stringOrStrings),
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: record(text),
  StopSignal: text,
  StopTimeout: optional(int),
  Shell: optional(stringOrStrings),
};

/** What Docker does not have. */
const ownFields = struct("gantry.CreateFields", {
  /** "uid:gid" by the target of a bind: a user of the host whose files seem to be those of the container's user. */
  BindOwners: record(text),
});

/** Body of POST /commit. */
export const commitRequest = struct("container.Config", configFields);

/** Body of POST /containers/create (API 1.51). Go leaves the name of this struct out of its error sentences. */
export const createRequest = struct("container.CreateRequest", {
  ...configFields,
  HostConfig: optional(hostConfig),
  Gantry: optional(ownFields),
  NetworkingConfig: optional(
    struct("network.NetworkingConfig", { EndpointsConfig: record(endpointSettings, "map[string]*network.EndpointSettings") }),
  ),
});

export type CommitBody = Decoded<typeof commitRequest>;
export type CreateRequest = Decoded<typeof createRequest>;
export type HostConfigRequest = Decoded<typeof hostConfig>;
export type UpdateRequest = Decoded<typeof updateRequest>;
export type ResourcesRequest = Pick<HostConfigRequest, keyof typeof resourceFields>;
export type DeviceMappingRequest = HostConfigRequest["Devices"][number];
export type MountRequest = HostConfigRequest["Mounts"][number];
export type EndpointRequest = Decoded<typeof endpointSettings>;
