import { fault } from "#base";
import { checkVolumeName, checkVolumeOptions } from "#volume";
import type { ContainerSpec, DeviceMapping, DeviceRequest, HostSpec } from "#container";
import { knows, type ApiVersion, type CreateRequest, type DeviceMappingRequest, type Document, type HostConfigRequest } from "#wire";
import { withOwners } from "./bind-owners.ts";
import { cleanTarget, parseBind, refuseDoubles } from "./binds.ts";
import { refuseMissing } from "./host-refusals.ts";
import { healthCheckOf } from "./health-check.ts";
import { parseMount, refuseDriver, writtenMount } from "./mount-request.ts";
import { readResources } from "./resources.ts";
import { parseExposedPorts, parsePortBindings } from "./ports.ts";
import { restartPolicyOf } from "./restart-policy.ts";
import { securityOf } from "./security.ts";
import { endpointsOf } from "./endpoints.ts";
import { networkOf, spacesOf } from "./spaces.ts";

/** Facts of this engine that decide what a request asks for. */
export interface CreateContext {
  readonly version: ApiVersion;
  /** Names that a request may say. */
  readonly runtimes: readonly string[];
  /** HostConfig as it is when a request has none. */
  readonly noHostConfig: HostConfigRequest;
}

export interface CreateSpec {
  readonly spec: ContainerSpec;
  readonly warnings: readonly string[];
}

/** What a create request asks for, as the engine knows it. @throws invalid, unsupported: nothing is ignored in silence */
export function specOf(document: Document<CreateRequest>, context: CreateContext): CreateSpec {
  const request = document.value;
  const host = request.HostConfig ?? context.noHostConfig;
  refuseMissing(host, context);
  refuseProcessFields(request);
  const warnings = document.unknown.map((path) => `unknown field ${path} was ignored`);
  const plain = {
    ...hostSpecOf(host, warnings, request.Gantry?.BindOwners),
    autoRemove: host.AutoRemove && knows(context.version, "removalByEngine"),
  };
  const hostSpec = { ...plain, ...endpointsOf(request, plain, context.version) };
  return { spec: processSpec(request, hostSpec), warnings };
}

function processSpec(request: CreateRequest, host: HostSpec): ContainerSpec {
  if (request.WorkingDir !== "" && !request.WorkingDir.startsWith("/"))
    throw fault("invalid", `the working directory '${request.WorkingDir}' is invalid, it needs to be an absolute path`);
  refuseEndless([...request.Env, ...(request.Cmd ?? []), ...(request.Entrypoint ?? [])]);
  for (const entry of request.Env)
    if (entry === "" || entry.startsWith("=")) throw fault("invalid", `invalid environment variable: ${entry}`);
  return {
    image: request.Image,
    ...(request.Entrypoint !== undefined && { entrypoint: request.Entrypoint }),
    ...(request.Cmd !== undefined && { command: request.Cmd }),
    env: request.Env,
    ...(request.WorkingDir !== "" && { workingDir: cleanTarget(request.WorkingDir) }),
    user: request.User,
    labels: Object.fromEntries(request.Labels),
    hostname: request.Hostname,
    domainname: request.Domainname,
    tty: request.Tty,
    openStdin: request.OpenStdin,
    stdinOnce: request.StdinOnce,
    attachStdin: request.AttachStdin,
    attachStdout: request.AttachStdout,
    attachStderr: request.AttachStderr,
    ...(request.StopSignal !== "" && { stopSignal: request.StopSignal }),
    ...(request.StopTimeout !== undefined && { stopTimeout: request.StopTimeout }),
    ...healthCheckOf(request),
    exposedPorts: [...request.ExposedPorts.keys()].flatMap(parseExposedPorts),
    ...(request.Volumes.size > 0 && { volumePaths: [...request.Volumes.keys()].map(volumePathOf) }),
    host,
  };
}

/** The kernel starts no program with more, whatever the limits (execve(2)): each word counts with its pointer. */
const mostArguments = 6 << 20;

function refuseEndless(words: readonly string[]): void {
  const size = words.reduce((sum, word) => sum + word.length + 9, 0);
  if (size > mostArguments) throw fault("invalid", "argument list too long: command and environment have more than the kernel's 6 MiB");
}

function hostSpecOf(
  host: HostConfigRequest,
  warnings: string[],
  owners: ReadonlyMap<string, string> = new Map(),
): Omit<HostSpec, "autoRemove"> {
  const network = networkOf(host.NetworkMode);
  const ports = parsePortBindings(host.PortBindings);
  if (network !== "bridge" && ports.length > 0) {
    if (network === "host") warnings.push("Published ports are discarded when using host network mode");
  }
  return {
    network,
    networkName: host.NetworkMode === "" ? "default" : host.NetworkMode,
    // What another container's network has no room for is refused at the create.
    ports: network === "host" || network === "none" ? [] : ports,
    ...(host.PublishAllPorts && { publishAll: true }),
    ...restartOf(host),
    ...mountsOf(host, owners),
    privileged: host.Privileged,
    readOnlyRootfs: host.ReadonlyRootfs,
    capAdd: host.CapAdd ?? [],
    capDrop: host.CapDrop ?? [],
    ulimits: host.Ulimits.map(({ Name: name, Soft: soft, Hard: hard }) => ({ name, soft, hard })),
    resources: readResources(host, warnings),
    // Whoever wants no limit at all says so; 0 says nothing, since clients send it for every container.
    ...(host.PidsLimit !== undefined && host.PidsLimit < 0 && { usualPidsLimit: 0 }),
    ...(host.CgroupParent !== "" && { cgroupParent: host.CgroupParent }),
    ...(host.OomScoreAdj !== 0 && { oomScoreAdj: host.OomScoreAdj }),
    ...(host.Devices.length > 0 && { devices: host.Devices.map(deviceOf) }),
    ...(host.DeviceRequests.length > 0 && { deviceRequests: host.DeviceRequests.map(requestOf) }),
    ...(host.StorageOpt.size > 0 && { storageOptions: Object.fromEntries(host.StorageOpt) }),
    ...(host.DeviceCgroupRules.length > 0 && { deviceRules: host.DeviceCgroupRules }),
    ...(host.ShmSize > 0 && { shmSize: host.ShmSize }),
    ...spacesOf(host),
    ...securityOf(host),
    ...logOf(host),
    ...(host.ContainerIDFile !== "" && { idFile: host.ContainerIDFile }),
    ...(host.VolumeDriver !== "" && { volumeDriver: host.VolumeDriver }),
    ...(host.Runtime !== "" && { runtime: host.Runtime }),
  };
}

function requestOf({
  Driver: driver,
  Count: count,
  DeviceIDs,
  Capabilities,
  Options,
}: HostConfigRequest["DeviceRequests"][number]): DeviceRequest {
  return {
    driver,
    count,
    ...(DeviceIDs.length > 0 && { ids: DeviceIDs }),
    ...(Capabilities.length > 0 && { capabilities: Capabilities }),
    ...(Options.size > 0 && { options: Object.fromEntries(Options) }),
  };
}

function restartOf({ RestartPolicy, AutoRemove: autoRemove }: HostConfigRequest): Pick<HostSpec, "restart"> {
  const restart = restartPolicyOf(RestartPolicy);
  if (restart === undefined || restart.name === "no") return {};
  if (autoRemove) throw fault("invalid", "can't create 'AutoRemove' container with restart policy");
  return { restart };
}

type MountFields = "binds" | "bindTexts" | "tmpfs" | "volumes" | "tmpfsMounts" | "imageMounts" | "volumesFrom" | "mountRequests";

function mountsOf(host: HostConfigRequest, owners: ReadonlyMap<string, string>): Pick<HostSpec, MountFields> {
  const { Binds: bindTexts = [], Mounts: requests, VolumesFrom: volumesFrom } = host;
  const asked = [...bindTexts.map(parseBind), ...requests.map(parseMount)];
  const tmpfs = tmpfsOf(host);
  // The text of a bind is clean by now, a mount is named as it was written.
  const written = asked.map(({ mount }, index) => requests[index - bindTexts.length]?.Target ?? mount.target);
  refuseDoubles([...written, ...Object.keys(tmpfs)]);
  const volumes = asked.flatMap((entry) => (entry.type === "volume" ? [entry.mount] : []));
  const tmpfsMounts = asked.flatMap((entry) => (entry.type === "tmpfs" ? [entry.mount] : []));
  const imageMounts = asked.flatMap((entry) => (entry.type === "image" ? [entry.mount] : []));
  for (const { name, options } of volumes) {
    refuseDriver(host.VolumeDriver, name);
    if (name !== "") checkVolumeName(name);
    checkVolumeOptions(name, options);
  }
  return {
    binds: withOwners(
      asked.flatMap((entry) => (entry.type === "bind" ? [entry.mount] : [])),
      owners,
    ),
    bindTexts,
    tmpfs,
    ...(volumes.length > 0 && { volumes }),
    ...(tmpfsMounts.length > 0 && { tmpfsMounts }),
    ...(imageMounts.length > 0 && { imageMounts }),
    ...(volumesFrom.length > 0 && { volumesFrom }),
    ...(requests.length > 0 && { mountRequests: requests.map(writtenMount) }),
  };
}

function volumePathOf(path: string): string {
  const target = cleanTarget(path);
  if (target === "/") throw fault("invalid", "invalid specification: destination can't be '/'");
  return target;
}

function deviceOf({ PathOnHost: source, PathInContainer: target, CgroupPermissions: access }: DeviceMappingRequest): DeviceMapping {
  if (!/^[rwm]+$/.test(access))
    throw fault("invalid", `invalid device cgroup permissions '${access}' of ${source}: only r, w and m are known`);
  return { source, target, access };
}

function logOf({ LogConfig: { Type: driver, Config: options } }: HostConfigRequest): Pick<HostSpec, "log"> {
  const known = driver === "json-file" || driver === "local" || driver === "none" ? driver : "";
  if (known === "" && options.size === 0) return {};
  return { log: { driver: known, options: Object.fromEntries(options) } };
}

function tmpfsOf(host: HostConfigRequest): Readonly<Record<string, string>> {
  const entries = [...host.Tmpfs].map(([path, options]) => {
    if (!path.startsWith("/")) throw fault("invalid", `invalid mount path: '${path}' mount path must be absolute`);
    const target = cleanTarget(path);
    if (target === "/") throw fault("invalid", "invalid specification: destination can't be '/'");
    return [target, options] as const;
  });
  return Object.fromEntries(entries);
}

function refuseProcessFields(request: CreateRequest): void {
  const refused: readonly (readonly [string, boolean])[] = [
    ["NetworkDisabled", request.NetworkDisabled],
    ["OnBuild", request.OnBuild.length > 0],
    ["Shell", (request.Shell ?? []).length > 0],
  ];
  for (const [field, asked] of refused) if (asked) throw fault("unsupported", `${field} is not implemented`);
}
