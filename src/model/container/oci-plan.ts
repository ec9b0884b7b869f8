import { type IdRange, toHostId, type UserMapping } from "#base";
import { harmlessAnnotations } from "./annotations.ts";
import { planDevices } from "./devices.ts";
import { type FoundDevices, limitsOf, planLimits } from "./limit-plan.ts";
import type { MachineFacts } from "./machine.ts";
import { maskedPaths, readonlyPaths } from "./masked-paths.ts";
import { planMounts, planPropagation, type EngineFiles, type MountFacts } from "./mount-plan.ts";
import { hostnameOf, planInitProcess, type PlannedContainer } from "./process-plan.ts";
import type { UserLookup } from "./rootfs-store.ts";
import type { OciConfig, OciLinux, OciIdMapping, OciMount, OciNamespace } from "./runtime.ts";
import { type OciSeccomp, planSeccomp } from "./seccomp.ts";
import { planProfile, readSeccompProfile, type SeccompProfile } from "./seccomp-profile.ts";
import { parseSecurityOptions } from "./security-options.ts";
import { dottedSysctls } from "./sysctls.ts";
import type { ContainerSpec } from "./spec.ts";

export interface OciPlanOptions {
  readonly container: PlannedContainer;
  /** The spec's user, looked up in the mounted root. */
  readonly user: UserLookup;
  readonly files: EngineFiles;
  readonly mounts: MountFacts;
  /** A namespace that is there already (`/proc/PID/fd/N`); absent, `none` and `bridge` get a bare one of their own. */
  readonly networkNamespacePath?: string;
  /** Absent: the host's. */
  readonly users?: UserSpace;
  /** Namespaces of other containers that this one shares. */
  readonly joined?: JoinedNamespaces;
  /** On the host: becomes the first process, and runs the command. */
  readonly initPath?: string;
  /** Below the root of each hierarchy: /gantry/c/ID. */
  readonly cgroupsPath: string;
  readonly machine: MachineFacts;
  /** Of the host, that the spec names; absent where it names none. */
  readonly devices?: FoundDevices;
  /** In place of the built-in one. */
  readonly seccompProfile?: SeccompProfile;
}

/** A user namespace that is there already, and what it maps. */
export interface UserSpace {
  readonly path: string;
  readonly owners: UserMapping;
}

/** By the paths of the kernel (`/proc/PID/ns/ipc`). */
export interface JoinedNamespaces {
  readonly ipc?: string;
  readonly pid?: string;
}

/**
 * The runtime's configuration of a container, Docker's defaults where nothing was asked. Pure; `root.path` is left empty for the runtime adapter.
 * @throws invalid with Docker's text for capabilities, limits and a missing command
 */
export function planOciConfig(options: OciPlanOptions): OciConfig {
  const { container, user, files, machine, initPath } = options;
  const { spec } = container;
  const process = planInitProcess(container, user, machine);
  const found = options.devices ?? new Map();
  const { devices, rules } = planDevices(spec.host, machine, found);
  return {
    ociVersion: "1.0.2",
    process: initPath === undefined ? process : { ...process, args: [initTarget, "--", ...process.args] },
    // In the host's own namespace the name would become the host's.
    ...(spec.host.utsMode !== "host" && { hostname: hostnameOf(container, machine) }),
    root: { path: "", readonly: spec.host.readOnlyRootfs },
    mounts: [
      ...planMounts(spec.host, files, options.mounts).map((mount) => withMappedGroup(mount, options.users)),
      ...(initPath === undefined ? [] : [initMount(initPath)]),
    ],
    ...(spec.host.annotations !== undefined && { annotations: harmlessAnnotations(spec.host.annotations) }),
    linux: {
      namespaces: planNamespaces(options),
      ...planIds(options.users),
      cgroupsPath: options.cgroupsPath,
      resources: { devices: rules, ...planLimits(limitsOf(spec.host), machine, found) },
      ...(devices.length > 0 && { devices }),
      ...planSysctl(spec, options.users),
      ...planPropagation(spec.host.binds),
      ...planShield(options, process.capabilities?.bounding ?? []),
    },
  };
}

/** Where the container sees its init. */
const initTarget = "/sbin/docker-init";

function initMount(source: string): OciMount {
  return { destination: initTarget, type: "bind", source, options: ["bind", "ro"] };
}

function planNamespaces(options: OciPlanOptions): readonly OciNamespace[] {
  const { networkNamespacePath, joined = {} } = options;
  const { network, utsMode, pidMode, ipcMode } = options.container.spec.host;
  const own = (type: OciNamespace["type"], path: string | undefined): OciNamespace => ({ type, ...(path !== undefined && { path }) });
  const namespaces: OciNamespace[] = [{ type: "mount" }];
  if (options.users !== undefined) namespaces.push(own("user", options.users.path));
  if (utsMode !== "host") namespaces.push({ type: "uts" });
  if (pidMode !== "host") namespaces.push(own("pid", joined.pid));
  if (ipcMode !== "host") namespaces.push(own("ipc", joined.ipc));
  if (network !== "host") namespaces.push(own("network", networkNamespacePath));
  const { privileged, cgroupNamespace = options.machine.cgroupVersion === 2 && !privileged ? "private" : "host" } =
    options.container.spec.host;
  if (cgroupNamespace === "private") namespaces.push({ type: "cgroup" });
  return namespaces;
}

function planIds(users: UserSpace | undefined): Pick<OciLinux, "uidMappings" | "gidMappings"> {
  if (users === undefined) return {};
  const mappings = (ranges: readonly IdRange[]): readonly OciIdMapping[] =>
    ranges.map(({ containerId, hostId, size }) => ({ containerID: containerId, hostID: hostId, size }));
  return { uidMappings: mappings(users.owners.uids), gidMappings: mappings(users.owners.gids) };
}

/** Terminals belong to a group that a small user namespace does not have. */
function withMappedGroup(mount: OciMount, users: UserSpace | undefined): OciMount {
  if (users === undefined || mount.type !== "devpts" || toHostId(users.owners.gids, 5) !== undefined) return mount;
  return { ...mount, options: mount.options.filter((option) => option !== "gid=5") };
}

function planSysctl(spec: ContainerSpec, users: UserSpace | undefined): { readonly sysctl?: Readonly<Record<string, string>> } {
  const { network } = spec.host;
  const own = {
    ...(network !== "host" && network !== "container" && { "net.ipv4.ip_unprivileged_port_start": "0", ...pingGroups(users) }),
    ...(spec.domainname !== "" && { "kernel.domainname": spec.domainname }),
    ...dottedSysctls(spec.host.sysctls ?? {}),
  };
  return Object.keys(own).length > 0 ? { sysctl: own } : {};
}

/** Everybody may ping; the kernel refuses groups that a user namespace does not have. */
function pingGroups(users: UserSpace | undefined): Readonly<Record<string, string>> {
  return users === undefined ? { "net.ipv4.ping_group_range": "0 2147483647" } : {};
}

function planShield(options: OciPlanOptions, capabilities: readonly string[]): Pick<OciLinux, "seccomp" | "maskedPaths" | "readonlyPaths"> {
  const { container, machine } = options;
  const { privileged, maskedPaths: masked, readonlyPaths: readonly } = container.spec.host;
  const seccomp = seccompOf(options, capabilities);
  return {
    ...(seccomp !== undefined && { seccomp }),
    maskedPaths: masked ?? (privileged ? [] : [...maskedPaths, ...machine.thermalPaths]),
    readonlyPaths: readonly ?? (privileged ? [] : [...readonlyPaths, ...(options.users === undefined ? [] : ["/sys/fs/cgroup"])]),
  };
}

/** What the container's own options say comes first, then what it may, then what the daemon was told. */
function seccompOf({ container, machine, seccompProfile }: OciPlanOptions, capabilities: readonly string[]): OciSeccomp | undefined {
  const { privileged, isSeccompOff = false, securityOptions = [] } = container.spec.host;
  const { seccomp = "" } = parseSecurityOptions(securityOptions);
  if (seccomp === "unconfined" || (seccomp === "" && (privileged || isSeccompOff))) return undefined;
  const profile = seccomp === "" ? seccompProfile : seccomp === "builtin" ? undefined : readSeccompProfile(seccomp);
  return profile === undefined ? planSeccomp(capabilities, machine.architecture) : planProfile(profile, capabilities, machine);
}
