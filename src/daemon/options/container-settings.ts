// What containers get that ask for nothing else.
import { existsSync } from "node:fs";
import { checkCgroupNamespace, checkIpcMode, checkLogOptions, isOneOf } from "./checks.ts";
import { type RuntimeSetting, runtimes, ulimits } from "./compound-kinds.ts";
import { integer, pairs, size, text, texts, toggle } from "./kinds.ts";
import { setting } from "./setting.ts";

export const containerSettings = {
  "default-runtime": setting(text, "Default OCI runtime for containers", {
    reloads: true,
    note: "crun where it is there and takes this host, else runc",
  }),
  runtimes: setting(runtimes, "Register an additional OCI compatible runtime", {
    flag: "add-runtime",
    reloads: true,
    check: checkRuntimes,
    note: "a container names one of these, never a path",
  }),
  "default-ulimits": setting(ulimits, "Default ulimits for containers", { flag: "default-ulimit" }),
  "default-shm-size": setting(size, "Default shm size for containers", { fallback: "64MiB" }),
  "default-ipc-mode": setting(text, 'Default mode for containers ipc ("shareable" | "private")', {
    fallback: "private",
    check: checkIpcMode,
  }),
  "default-cgroupns-mode": setting(text, 'Default mode for containers cgroup namespace ("host" | "private")', {
    check: checkCgroupNamespace,
    note: "private on cgroup v2, host on v1",
  }),
  "default-pids-limit": setting(integer, "Processes and threads that a container may have", {
    flag: null,
    fallback: "16384",
    note: "0 is any number, as in Docker; half of what the kernel takes where that is less; `--pids-limit` and `--privileged` go before it",
  }),
  "default-stop-timeout": setting(integer, "Seconds that a container is given to stop before it is killed", { flag: null, fallback: "10" }),
  "cgroup-parent": setting(text, "Set parent cgroup for all containers", {
    check: checkCgroupParent,
    note: "below it is a group for this daemon's containers; it cannot change while there are any",
  }),
  "seccomp-profile": setting(text, 'Path to seccomp profile. Set to "unconfined" to disable the default seccomp profile', {
    fallback: "builtin",
    note: "a file in Docker's format is read at the start",
  }),
  "no-new-privileges": setting(toggle, "Set no-new-privileges by default for new containers"),
  init: setting(toggle, "Run an init in the container to forward signals and reap processes"),
  "init-path": setting(text, "Path to the docker-init binary", {
    check: checkInitPath,
    note: "a static tini or catatonit; looked for in the usual places where nothing is said",
  }),
  "log-driver": setting(text, "Default driver for container logs", {
    fallback: "json-file",
    supports: isOneOf("json-file", "local", "none"),
    note: "`json-file`, `local`, `none`",
  }),
  "log-opts": setting(pairs, "Default log driver options for containers", {
    flag: "log-opt",
    check: checkLogOptions,
    note: "`max-size` (20m) and `max-file` (5)",
  }),
  "userns-remap": setting(text, "User/Group setting for user namespaces", {
    note: "`default`, a user, `user:group`, or ranges as `container:host:size`; what lies on the disk is not changed",
  }),
  "selinux-enabled": setting(toggle, "Enable selinux support", {
    supports: (isOn) => !isOn || !existsSync("/sys/fs/selinux"),
    note: "without SELinux in the kernel it does nothing, as in Docker; with it, containers cannot be labelled yet",
  }),
  "cpu-rt-period": setting(integer, "Limit the CPU real-time period in microseconds for the parent cgroup for all containers", {
    supports: isOneOf(0),
  }),
  "cpu-rt-runtime": setting(integer, "Limit the CPU real-time runtime in microseconds for the parent cgroup for all containers", {
    supports: isOneOf(0),
  }),
  "cdi-spec-dirs": setting(texts(), "CDI specification directories to use", {
    flag: "cdi-spec-dir",
    check: checkSpecFolders,
    note: "`/etc/cdi` and `/var/run/cdi`; files in them, and programs that they name, must be root's alone; an empty one turns CDI off",
  }),
} as const;

function checkSpecFolders(folders: readonly string[]): void {
  for (const folder of folders)
    if (folder !== "" && !folder.startsWith("/")) throw new Error(`cdi-spec-dirs: ${JSON.stringify(folder)} must be absolute`);
}

function checkInitPath(path: string): void {
  if (path !== "" && !path.startsWith("/")) throw new Error(`init-path ${JSON.stringify(path)} must be absolute`);
}

function checkRuntimes(value: Readonly<Record<string, RuntimeSetting>>): void {
  for (const [name, { path, runtimeType }] of Object.entries(value)) {
    if (name === "crun" || name === "runc" || name === "io.containerd.runc.v2") throw new Error(`runtime name '${name}' is reserved`);
    if (runtimeType !== "") throw new Error(`runtime ${name}: "runtimeType" is not supported by gantry: there is no containerd`);
    if (path.includes("/") && !path.startsWith("/"))
      throw new Error(`runtime ${name}: path ${JSON.stringify(path)} must be absolute, or a name alone`);
  }
}

function checkCgroupParent(path: string): void {
  if (path === "") return;
  if (path.endsWith(".slice")) throw new Error(`cgroup-parent ${path}: slices need the systemd cgroup driver, which gantry does not have`);
  if (!/^\/?[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split("/").includes(".."))
    throw new Error(`cgroup-parent ${JSON.stringify(path)}: not a path below the cgroup root`);
}
