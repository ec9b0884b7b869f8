import { fault } from "#base";
import type { OciMount } from "./runtime.ts";
import { parseSecurityOptions } from "./security-options.ts";
import type { BindMount, HostSpec } from "./spec.ts";

/** Files of the engine that are seen under /etc, by their paths on the host. */
export interface EngineFiles {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}

/** What is known of a container's mounts only when it starts. */
export interface MountFacts {
  /** Sources that are no folders. */
  readonly fileSources: ReadonlySet<string>;
  /** Where volumes, images and binds that seem to be another's lie on the host, by their targets. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Where targets lead in the root, by the way of its links; one that is absent has none on its way. */
  readonly resolved?: ReadonlyMap<string, string>;
  /** What is seen as /dev/shm in place of memory of its own: shared with other containers, or the host's. */
  readonly sharedMemory?: string;
}

const guarded = ["nosuid", "noexec", "nodev"];

/** Docker's size of /dev/shm, 64 MiB. */
export const usualShmSize = 67_108_864;

/** Every mount of a container, outermost first: the kernel's own, then tmpfs, binds and the engine's files by the depth of their targets. */
export function planMounts(host: HostSpec, files: EngineFiles, facts: MountFacts): readonly OciMount[] {
  const { fileSources, sources, resolved, sharedMemory } = facts;
  const asked = [
    ...Object.entries(host.tmpfs).map(([target, options]) => tmpfsMount(target, options)),
    ...(host.tmpfsMounts ?? []).map(({ target, options }) => tmpfsMount(target, options)),
    ...host.binds.map((bind) => {
      const source = sources?.get(bind.target) ?? bind.source;
      return bindMount({ ...bind, source }, fileSources.has(source));
    }),
    ...[...(host.volumes ?? []), ...(host.imageMounts ?? []).map(({ target }) => ({ target, readOnly: true }))].map(
      ({ target, readOnly }) => {
        const source = sources?.get(target) ?? "";
        return bindMount({ source, target, readOnly, propagation: "rprivate" }, fileSources.has(source));
      },
    ),
  ].map((mount) => ({ ...mount, destination: resolved?.get(mount.destination) ?? mount.destination }));
  for (const { destination, source } of asked) refuseBelowProc(destination, source);
  const taken = new Set(asked.map((mount) => mount.destination));
  const own = [...asked, ...engineFiles(host, files).filter((mount) => !taken.has(mount.destination))];
  const targets = new Set(own.map((mount) => mount.destination));
  const base = kernelMounts(host, sharedMemory).filter(
    ({ destination }) => !targets.has(destination) && !(targets.has("/dev") && destination.startsWith("/dev/")),
  );
  return [...base, ...own.toSorted((a, b) => depth(a) - depth(b))];
}

/** Targets of everything that the caller wants to see mounted. */
export function targetsOf(host: HostSpec): readonly string[] {
  const { tmpfs, tmpfsMounts = [], binds, volumes = [], imageMounts = [] } = host;
  return [...Object.keys(tmpfs), ...[...tmpfsMounts, ...binds, ...volumes, ...imageMounts].map(({ target }) => target)];
}

/** Files below /proc that something else may stand for, as runtimes allow it. */
const fakedFiles = new Set(
  ["cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "net/dev", "sys/kernel/ns_last_pid"].map(
    (name) => `/proc/${name}`,
  ),
);

/**
 * What is mounted over /proc would shadow the files by which a runtime confines the process; the host's own is as good there.
 * @throws invalid in the runtime's words
 */
export function refuseBelowProc(target: string, source: string): void {
  const wrong = (reason: string): Error =>
    fault(
      "invalid",
      `error mounting ${JSON.stringify(source)} to rootfs at ${JSON.stringify(target)}: ${JSON.stringify(target)} cannot be mounted because it is ${reason}`,
    );
  if (target === "/proc" && source !== "/proc") throw wrong("not of type proc");
  if (target.startsWith("/proc/") && !fakedFiles.has(target)) throw wrong("inside /proc");
}

/** How mounts of the root travel: only as far as the freest bind asks. */
export function planPropagation(binds: readonly BindMount[]): { readonly rootfsPropagation?: string } {
  if (binds.some((bind) => bind.propagation.endsWith("shared"))) return { rootfsPropagation: "shared" };
  if (binds.some((bind) => bind.propagation.endsWith("slave"))) return { rootfsPropagation: "rslave" };
  return {};
}

function kernelMounts(host: HostSpec, sharedMemory: string | undefined): readonly OciMount[] {
  const { privileged, securityOptions = [] } = host;
  const { writableCgroups = privileged } = parseSecurityOptions(securityOptions);
  const readOnlyUnless = (isWritable: boolean): readonly string[] => (isWritable ? [] : ["ro"]);
  return [
    { destination: "/proc", type: "proc", source: "proc", options: guarded },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...guarded, ...readOnlyUnless(privileged)] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [...guarded, ...readOnlyUnless(writableCgroups)] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: guarded },
    ...shmMount(host, sharedMemory),
  ];
}

function shmMount({ ipcMode, shmSize = usualShmSize }: HostSpec, shared: string | undefined): readonly OciMount[] {
  if (ipcMode === "none") return [];
  const destination = "/dev/shm";
  if (shared !== undefined)
    return [
      {
        destination,
        type: "bind",
        source: shared,
        options: ["rbind", "rprivate", ...(ipcMode === "host" ? [] : ["nosuid", "nodev", "noexec"])],
      },
    ];
  return [{ destination, type: "tmpfs", source: "shm", options: [...guarded, "mode=1777", `size=${shmSize}`] }];
}

function engineFiles(host: HostSpec, files: EngineFiles): readonly OciMount[] {
  const options = ["rbind", ...(host.readOnlyRootfs ? ["ro"] : []), "rprivate"];
  return [
    { destination: "/etc/resolv.conf", type: "bind", source: files.resolvConf, options },
    { destination: "/etc/hostname", type: "bind", source: files.hostname, options },
    { destination: "/etc/hosts", type: "bind", source: files.hosts, options },
  ];
}

/** Nothing is mounted below a file, and crun 1.8 cannot make one read-only all the way down. */
function bindMount(bind: Omit<BindMount, "createSource">, isFile: boolean): OciMount {
  const { target, source, readOnly, propagation, nonRecursive = false, writableBelow = false } = bind;
  const access = readOnly ? [isFile || nonRecursive || writableBelow ? "ro" : "rro"] : [];
  return { destination: target, type: "bind", source, options: [nonRecursive ? "bind" : "rbind", ...access, propagation] };
}

const opposites: Readonly<Record<string, string>> = {
  exec: "noexec",
  noexec: "exec",
  suid: "nosuid",
  nosuid: "suid",
  dev: "nodev",
  nodev: "dev",
  ro: "rw",
  rw: "ro",
};

/** An option of the caller takes the default's opposite out. */
function tmpfsMount(target: string, text: string): OciMount {
  const asked = text.split(",").filter((option) => option !== "");
  const refused = new Set(asked.map((option) => opposites[option]));
  const kept = ["noexec", "nosuid", "nodev"].filter((option) => !refused.has(option) && !asked.includes(option));
  return { destination: target, type: "tmpfs", source: "tmpfs", options: [...kept, "rprivate", ...asked] };
}

function depth(mount: OciMount): number {
  return mount.destination.split("/").length;
}
