import type { OciMount } from "./runtime.ts";
import type { BindMount, HostSpec } from "./spec.ts";

/** Files of the engine that are seen under /etc, by their paths on the host. */
export interface EngineFiles {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}

const guarded = ["nosuid", "noexec", "nodev"];

/** Docker's size of /dev/shm, 64 MiB. */
export const usualShmSize = 67_108_864;

/** Every mount of a container, outermost first: the kernel's own, then tmpfs, binds and the engine's files by the depth of their targets. */
export function planMounts(host: HostSpec, files: EngineFiles, fileSources: ReadonlySet<string>): readonly OciMount[] {
  const own = [
    ...Object.entries(host.tmpfs).map(([target, options]) => tmpfsMount(target, options)),
    ...host.binds.map((bind) => bindMount(bind, fileSources.has(bind.source))),
    ...engineFiles(host, files),
  ];
  const targets = new Set(own.map((mount) => mount.destination));
  const base = kernelMounts(host).filter(
    ({ destination }) => !targets.has(destination) && !(targets.has("/dev") && destination.startsWith("/dev/")),
  );
  return [...base, ...own.toSorted((a, b) => depth(a) - depth(b))];
}

/** How mounts of the root travel: only as far as the freest bind asks. */
export function planPropagation(binds: readonly BindMount[]): { readonly rootfsPropagation?: string } {
  if (binds.some((bind) => bind.propagation.endsWith("shared"))) return { rootfsPropagation: "shared" };
  if (binds.some((bind) => bind.propagation.endsWith("slave"))) return { rootfsPropagation: "rslave" };
  return {};
}

function kernelMounts({ privileged, shmSize = usualShmSize }: HostSpec): readonly OciMount[] {
  const readOnly = privileged ? [] : ["ro"];
  return [
    { destination: "/proc", type: "proc", source: "proc", options: guarded },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...guarded, ...readOnly] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [...guarded, ...readOnly] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: guarded },
    { destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...guarded, "mode=1777", `size=${shmSize}`] },
  ];
}

function engineFiles(host: HostSpec, files: EngineFiles): readonly OciMount[] {
  const taken = new Set(host.binds.map((bind) => bind.target));
  const options = ["rbind", ...(host.readOnlyRootfs ? ["ro"] : []), "rprivate"];
  return [
    { destination: "/etc/resolv.conf", type: "bind", source: files.resolvConf, options },
    { destination: "/etc/hostname", type: "bind", source: files.hostname, options },
    { destination: "/etc/hosts", type: "bind", source: files.hosts, options },
  ].filter((mount) => !taken.has(mount.destination));
}

/** Nothing is mounted below a file, and crun 1.8 cannot make one read-only all the way down. */
function bindMount(bind: BindMount, isFile: boolean): OciMount {
  return {
    destination: bind.target,
    type: "bind",
    source: bind.source,
    options: ["rbind", ...(bind.readOnly ? [isFile ? "ro" : "rro"] : []), bind.propagation],
  };
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
