import { isIP } from "node:net";
import { fault } from "#base";
import type { EndpointRequest, HostConfigRequest } from "#wire";

type Values = { readonly [Name in keyof HostConfigRequest]?: readonly unknown[] };

/** Fields that are not carried out, with the values that mean nothing was asked: zero, empty, and Docker's defaults. */
const harmless: Values = {
  Cgroup: [""],
  Links: [],
};

/**
 * A field whose function is not there is refused, never ignored.
 * @throws unsupported, naming the field; invalid where Docker has a sentence for it
 */
export function refuseMissing(host: HostConfigRequest, known: { readonly runtimes: readonly string[] }): void {
  refuseCrowds(host);
  checkModes(host);
  const asked: Record<string, unknown> = host;
  for (const [name, allowed] of Object.entries(harmless)) if (!isEmpty(asked[name]) && !allowed.includes(asked[name])) throw missing(name);
  if (host.Runtime !== "" && !known.runtimes.includes(host.Runtime))
    throw fault("invalid", `unknown or invalid runtime name: ${host.Runtime}`);
  refuseLog(host.LogConfig);
}

/** Docker's other drivers by name; what is none of them is no driver at all. */
const absentLogDrivers = ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog"];

function refuseLog({ Type: driver }: HostConfigRequest["LogConfig"]): void {
  if (absentLogDrivers.includes(driver)) throw missing("LogConfig.Type");
  if (!["", "json-file", "local", "none"].includes(driver))
    throw fault("invalid", `error looking up logging plugin ${driver}: plugin "${driver}" not found`);
}

/** The default bridge chooses addresses itself. @throws invalid with Docker's sentences */
export function refuseOwnAddress({ IPAMConfig: asked }: EndpointRequest): void {
  const { IPv4Address: four = "", IPv6Address: six = "" } = asked ?? {};
  if (four === "" && six === "") return;
  const reasons = [
    "user specified IP address is supported on user defined networks only",
    ...(four !== "" && isIP(four) !== 4 ? [`invalid IPv4 address: ${four}`] : []),
    ...(six !== "" && isIP(six) !== 6 ? [`invalid IPv6 address: ${six}`] : []),
    "user specified IP address is supported only when connecting to networks with user configured subnets",
  ];
  const list = reasons.map((reason) => `\n* ${reason}`).join("");
  throw fault("invalid", `invalid config for network bridge: invalid endpoint settings:${list}`);
}

/** Nobody has more mounts, hosts or options; a list that is longer only holds everybody else up (row E10). Ports are as many as there are. */
const mostEntries = 10_000;

function refuseCrowds(host: HostConfigRequest): void {
  for (const [name, value] of Object.entries(host)) {
    const count = Array.isArray(value) ? value.length : value instanceof Map && name !== "PortBindings" ? value.size : 0;
    if (count > mostEntries) throw fault("invalid", `HostConfig.${name} has ${count} entries, ${mostEntries} at most`);
  }
}

function checkModes(host: HostConfigRequest): void {
  const container = /^container:.+/;
  const modes: readonly (readonly [string, string, readonly string[]])[] = [
    ["IPC", host.IpcMode, ["", "private", "host", "shareable", "none"]],
    ["PID", host.PidMode, ["", "host"]],
    ["UTS", host.UTSMode, ["", "host"]],
    ["cgroup namespace", host.CgroupnsMode, ["", "host", "private"]],
  ];
  for (const [what, mode, known] of modes)
    if (!known.includes(mode) && !(["IPC", "PID"].includes(what) && container.test(mode)))
      throw fault("invalid", `invalid ${what} mode: ${mode}`);
  if (host.Isolation !== "" && host.Isolation.toLowerCase() !== "default")
    throw fault("invalid", `invalid isolation (${host.Isolation}): linux only supports 'default'`);
  if (host.ShmSize < 0) throw fault("invalid", "SHM size can not be less than 0");
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000)
    throw fault("invalid", `Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
}

function missing(field: string): Error {
  return fault("unsupported", `HostConfig.${field} is not implemented`);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}
