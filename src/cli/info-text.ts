import type { InfoReply } from "#client";
import { binarySize } from "./human.ts";

type Facts = Readonly<Record<string, unknown>>;

/** What `info` tells of the server, laid out as Docker does; what the reply does not hold is left away. */
export function serverInfo(info: InfoReply): string {
  const lines = [
    ...counts(info),
    ...row("Server Version", info["ServerVersion"]),
    ...row("Storage Driver", info["Driver"]),
    ...pairs(info["DriverStatus"]).map(([key, value]) => `  ${key}: ${value}`),
    ...row("Logging Driver", info["LoggingDriver"]),
    ...row("Cgroup Driver", info["CgroupDriver"]),
    ...row("Cgroup Version", info["CgroupVersion"]),
    ...plugins(facts(info["Plugins"])),
    ...indented("CDI spec directories", texts(info["CDISpecDirs"])),
    ...row("Swarm", facts(info["Swarm"])["LocalNodeState"]),
    ...runtimes(info),
    ...indented("Security Options", texts(info["SecurityOptions"]).flatMap(securityOption)),
    ...row("Kernel Version", info["KernelVersion"]),
    ...row("Operating System", info["OperatingSystem"]),
    ...row("OSType", info["OSType"]),
    ...row("Architecture", info["Architecture"]),
    ...row("CPUs", info["NCPU"]),
    ...row("Total Memory", typeof info["MemTotal"] === "number" ? binarySize(info["MemTotal"]) : ""),
    ...row("Name", info["Name"]),
    ...row("ID", info["ID"]),
    ...row("Docker Root Dir", info["DockerRootDir"]),
    ...row("Debug Mode", info["Debug"] === true),
    ...debugFacts(info),
    ...indented("Labels", texts(info["Labels"])),
    ...row("Experimental", info["ExperimentalBuild"] === true),
    ...indented("Insecure Registries", insecureRegistries(facts(info["RegistryConfig"]))),
    ...indented("Registry Mirrors", texts(facts(info["RegistryConfig"])["Mirrors"])),
    ...row("Live Restore Enabled", info["LiveRestoreEnabled"] === true),
  ];
  return `${lines.join("\n")}\n\n`;
}

function counts(info: InfoReply): string[] {
  const number = (key: string): string => shown(info[key] ?? 0);
  return [
    ` Containers: ${number("Containers")}`,
    `  Running: ${number("ContainersRunning")}`,
    `  Paused: ${number("ContainersPaused")}`,
    `  Stopped: ${number("ContainersStopped")}`,
    ` Images: ${number("Images")}`,
  ];
}

function plugins(kinds: Facts): string[] {
  const lines = ["Volume", "Network", "Authorization", "Log"].flatMap((kind) => {
    const names = texts(kinds[kind]);
    return names.length === 0 && kind === "Authorization" ? [] : [`  ${kind}: ${names.join(" ")}`];
  });
  return [" Plugins:", ...lines];
}

function runtimes(info: InfoReply): string[] {
  const version = (key: string, label: string): string[] => {
    const commit = facts(info[key])["ID"];
    return info[key] === undefined ? [] : [` ${label} version: ${shown(commit ?? "")}`];
  };
  return [
    ` Runtimes: ${Object.keys(facts(info["Runtimes"])).toSorted().join(" ")}`,
    ...row("Default Runtime", info["DefaultRuntime"]),
    ...row("Init Binary", info["InitBinary"]),
    ...version("ContainerdCommit", "containerd"),
    ...version("RuncCommit", "runc"),
    ...version("InitCommit", "init"),
  ];
}

/** "name=seccomp,profile=builtin" is a line with the name and one for each other key. */
function securityOption(option: string): string[] {
  const entries = option.split(",").map((entry) => entry.split("=", 2));
  const name = entries.find(([key]) => key === "name")?.[1] ?? option;
  const others = entries.filter(([key, value]) => key !== "name" && value !== undefined);
  return [name, ...others.map(([key = "", value = ""]) => ` ${key.slice(0, 1).toUpperCase()}${key.slice(1)}: ${value}`)];
}

function debugFacts(info: InfoReply): string[] {
  if (info["Debug"] !== true) return [];
  return [
    `  File Descriptors: ${shown(info["NFd"] ?? 0)}`,
    `  Goroutines: ${shown(info["NGoroutines"] ?? 0)}`,
    `  System Time: ${shown(info["SystemTime"] ?? "")}`,
    `  EventsListeners: ${shown(info["NEventsListener"] ?? 0)}`,
  ];
}

function insecureRegistries(config: Facts): string[] {
  const named = Object.values(facts(config["IndexConfigs"])).flatMap((index) => {
    const { Name, Secure } = facts(index) as { Name?: unknown; Secure?: unknown };
    return Secure === false ? [shown(Name)] : [];
  });
  return [...named, ...texts(config["InsecureRegistryCIDRs"])];
}

function row(label: string, value: unknown): string[] {
  return value === undefined || value === "" ? [] : [` ${label}: ${shown(value)}`];
}

function indented(label: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [` ${label}:`, ...values.map((value) => `  ${value}`)];
}

function facts(value: unknown): Facts {
  return typeof value === "object" && value !== null ? (value as Facts) : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(shown) : [];
}

function pairs(value: unknown): [string, string][] {
  return Array.isArray(value)
    ? value.map((pair): [string, string] => (Array.isArray(pair) ? [shown(pair[0]), shown(pair[1])] : [shown(pair), ""]))
    : [];
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
