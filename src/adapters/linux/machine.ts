import { existsSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { arch } from "node:process";
import { hostname } from "node:os";
import { readCgroupLayout } from "./cgroup-layout.ts";
import { type EnforcedLimits, readEnforcedLimits } from "./enforced-limits.ts";
import { hasCode } from "./kernel-error.ts";

/** A device node of the host. */
export interface DeviceNode {
  readonly path: string;
  readonly type: "b" | "c" | "p";
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel tells of this machine and of this process's rights. */
export interface Machine {
  readonly enforces: EnforcedLimits;
  readonly hostname: string;
  readonly architecture: "x64" | "arm64";
  readonly cgroupVersion: 1 | 2;
  /** Bounding set, as a mask (capabilities(7)). */
  readonly boundingSet: bigint;
  readonly effectiveSet: bigint;
  /** Hard limits; Infinity is none (getrlimit(2)). */
  readonly limits: { readonly nofile: number; readonly nproc: number };
  readonly swapLimit: boolean;
  /** How many threads the kernel takes altogether (proc_sys_kernel(5)). */
  readonly mostThreads: number;
  readonly thermalPaths: readonly string[];
  readonly devices: readonly DeviceNode[];
}

const cpus = "/sys/devices/system/cpu";

/** Reads the machine anew. Some milliseconds of file reads: for the start of a daemon. */
export function readMachine(): Machine {
  const layout = readCgroupLayout();
  const memory = layout.hierarchies["memory"];
  const swapLimit =
    layout.version === 2 ? existsSync("/proc/swaps") : memory !== undefined && existsSync(`${memory}/memory.memsw.limit_in_bytes`);
  return {
    hostname: hostname(),
    architecture: arch === "arm64" ? "arm64" : "x64",
    cgroupVersion: layout.version,
    boundingSet: capabilityMask("CapBnd"),
    effectiveSet: capabilityMask("CapEff"),
    limits: { nofile: hardLimit("Max open files"), nproc: hardLimit("Max processes") },
    swapLimit,
    mostThreads: Math.min(...["threads-max", "pid_max"].map((name) => Number(readFileSync(`/proc/sys/kernel/${name}`, "utf8")))),
    enforces: { ...readEnforcedLimits(layout), swap: swapLimit },
    thermalPaths: readdirSync(cpus)
      .filter((name) => /^cpu\d+$/.test(name) && existsSync(`${cpus}/${name}/thermal_throttle`))
      .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
      .map((name) => `${cpus}/${name}/thermal_throttle`),
    devices: devicesIn("/dev"),
  };
}

function capabilityMask(name: string): bigint {
  const match = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return BigInt(`0x${match?.[1] ?? "0"}`);
}

function hardLimit(name: string): number {
  const match = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, "m").exec(readFileSync("/proc/self/limits", "utf8"));
  return match?.[1] === "unlimited" ? Infinity : Number(match?.[1] ?? Infinity);
}

/** Folders that the container has of its own, and /dev/console, which is its terminal. */
const ownFolders = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"]);

/** The device at a path, links followed, or all below a folder; undefined when there is nothing. */
export function devicesBelow(path: string): readonly DeviceNode[] | undefined {
  try {
    const status = statSync(path);
    return status.isDirectory() ? devicesIn(path) : deviceOf(path, status);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

function devicesIn(folder: string): readonly DeviceNode[] {
  return readdirSync(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    return ownFolders.has(name) || path === "/dev/console" ? [] : deviceAt(path);
  });
}

function deviceAt(path: string): readonly DeviceNode[] {
  try {
    const status = lstatSync(path);
    if (status.isDirectory()) return devicesIn(path);
    return deviceOf(path, status);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

function deviceOf(path: string, status: Stats): readonly DeviceNode[] {
  if (!status.isBlockDevice() && !status.isCharacterDevice()) return [];
  const { major, minor } = numbersOf(status.rdev);
  const type = status.isBlockDevice() ? "b" : "c";
  return [{ path, type, major, minor, fileMode: status.mode & 0o7777, uid: status.uid, gid: status.gid }];
}

/** Splits a device number as makedev(3) joins it. */
function numbersOf(rdev: number): { readonly major: number; readonly minor: number } {
  const device = BigInt(rdev);
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  };
}
