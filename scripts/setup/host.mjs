// What this machine has and what it lacks.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages, unpackPackages } from "./debian.mjs";
import { findProgram, giveUp, runQuietly } from "./programs.mjs";

export function requireRoot(command) {
  if (process.platform !== "linux") giveUp(`${command} runs on Linux, not on ${process.platform}`);
  if (process.getuid() !== 0) giveUp(`${command} must run as root: containers need mounts, namespaces and networks`);
}

function mounted(type, options) {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .some(([, , seen, flags = ""]) => seen === type && (options === undefined || flags.split(",").includes(options)));
}

/** cgroup v1 beside v2, where crun wants every controller on v1. */
function crunRefuses() {
  return mounted("cgroup", "memory") && mounted("cgroup2") && !mounted("cgroup", "hugetlb");
}

/** Installs what the engine runs: a monitor, a runtime and ps. Prints nothing and changes nothing when all is there. */
export function ensureEngineParts() {
  const wanted = [];
  if (findProgram("conmon") === undefined) wanted.push("conmon");
  if (findProgram("crun") === undefined && findProgram("runc") === undefined) wanted.push("crun");
  // The package that conflicts with Docker's containerd.io, only where nothing else can run.
  if (findProgram("runc") === undefined && crunRefuses()) wanted.push("runc");
  // What tells of a container's processes (docker top): Debian's smallest installations lack it.
  if (findProgram("ps") === undefined) wanted.push("procps");
  // Inflates layers half as fast again; only where Debian is, since nothing fails without it.
  if (!hasLibrary("libisal.so.2") && findProgram("apt-get") !== undefined) wanted.push("libisal2");
  installPackages(wanted);
}

function hasLibrary(name) {
  const folders = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"].filter((folder) => existsSync(folder));
  return folders.some(
    (folder) => existsSync(join(folder, name)) || readdirSync(folder).some((inner) => existsSync(join(folder, inner, name))),
  );
}

/** Beside the engine's parts, what tests run. Peers and tools are unpacked, never installed. */
export function ensureTestParts() {
  const programs = { nft: "nftables", busybox: "busybox-static", ip: "iproute2", crun: "crun", runc: "runc" };
  installPackages(packagesFor(programs));
  const tools = {
    docker: "docker.io",
    "docker-registry": "docker-registry",
    strace: "strace",
    "tini-static": "tini",
    "qemu-aarch64-static": "qemu-user-static",
  };
  const missing = packagesFor(tools);
  if (missing.length > 0 && !unpackPackages(missing)) giveUp(`cannot fetch ${missing.join(", ")}`);
  mountHugetlb();
}

function packagesFor(programs) {
  return Object.entries(programs)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name);
}

/** So that tests meet crun too on a machine with cgroup v1 and v2. */
function mountHugetlb() {
  const folder = "/sys/fs/cgroup/hugetlb";
  if (!crunRefuses() || !readFileSync("/proc/cgroups", "utf8").includes("hugetlb")) return;
  if (!existsSync(folder)) mkdirSync(folder);
  const { ok, output } = runQuietly(["mount", "-t", "cgroup", "-o", "hugetlb", "cgroup", folder]);
  if (!ok) console.log(`hugetlb stays on cgroup v2, so crun cannot run here: ${output.trim()}`);
}
