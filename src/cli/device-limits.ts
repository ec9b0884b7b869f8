// The small grammars of `--device` and its kin, with Docker's words for what breaks them.
import { parseBytes } from "./quantities.ts";

/** "/dev/sda:200". @throws Error */
export function parseDeviceLimit(text: string): { readonly Path: string; readonly Weight: number } {
  const { path, value } = splitDevice(text);
  const weight = /^\d+$/.test(value) ? Number(value) : -1;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw new Error(`invalid weight for device: ${text}`);
  return { Path: path, Weight: weight };
}

const explained = {
  bytes: "<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb",
  operations: "<device-path>:<number>. Number must be a positive integer",
} as const;

/** "/dev/sda:1mb" in bytes, "/dev/sda:1000" in operations. @throws Error */
export function parseDeviceRate(text: string, unit: keyof typeof explained): { readonly Path: string; readonly Rate: number } {
  const { path, value } = splitDevice(text);
  const rate = unit === "bytes" ? bytesOr(value) : /^\d+$/.test(value) ? Number(value) : undefined;
  if (rate === undefined) throw new Error(`invalid rate for device: ${text}. The correct format is ${explained[unit]}`);
  return { Path: path, Rate: rate };
}

function bytesOr(value: string): number | undefined {
  try {
    return parseBytes(value);
  } catch {
    return undefined;
  }
}

function splitDevice(text: string): { readonly path: string; readonly value: string } {
  const at = text.indexOf(":");
  if (at <= 0 || at === text.length - 1) throw new Error(`bad format: ${text}`);
  const path = text.slice(0, at);
  if (!path.startsWith("/dev/")) throw new Error(`bad format for device path: ${text}`);
  return { path, value: text.slice(at + 1) };
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** The name of a CDI device, "vendor.com/class=name", as the CDI spec's "kind" and "name" have it; anything else is a path. */
export function isCdiName(text: string): boolean {
  return /^[a-z](?:[\w.-]*[a-z0-9])?\/[a-z](?:[\w.-]*[a-z0-9])?=[a-z0-9](?:[\w.:-]*[a-z0-9])?$/i.test(text);
}

/** "/dev/a", "/dev/a:/dev/b", "/dev/a:rw", "/dev/a:/dev/b:rw". @throws Error */
export function parseDevice(text: string): DeviceMapping {
  const [source = "", second = "", third] = text.split(":");
  if (text.split(":").length > 3) throw new Error(`bad format for path: ${text}`);
  const isMode = third === undefined && isAccess(second);
  const target = isMode || second === "" ? source : second;
  const access = third ?? (isMode ? second : "rwm");
  for (const path of [source, target]) if (!path.startsWith("/")) throw new Error(`${path} is not an absolute path`);
  if (!isAccess(access)) throw new Error(`bad mode specified: ${access}`);
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: access };
}

/** Each of r, w and m, once at most. */
function isAccess(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

/** @throws Error for a rule of the device cgroup that is none */
export function parseDeviceRule(text: string): void {
  if (!/^[acb] (?:\d+|\*):(?:\d+|\*) [rwm]{1,3}$/.test(text)) throw new Error(`invalid device cgroup format '${text}'`);
}

/** A number of sixteen bits, as Go reads it. @throws Error */
export function parseWeight(text: string): number {
  const refuse = (reason: string): Error => new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}`);
  if (!/^\d+$/.test(text)) throw refuse("invalid syntax");
  if (Number(text) > 65_535) throw refuse("value out of range");
  return Number(text);
}
