import { fault } from "#base";
import type { FoundDevices } from "./limit-plan.ts";
import type { MachineFacts } from "./machine.ts";
import type { OciDevice, OciDeviceRule } from "./runtime.ts";
import type { DeviceMapping, HostSpec } from "./spec.ts";

const denyAll: OciDeviceRule = { allow: false, access: "rwm" };

/**
 * What the device cgroup lets through: null, zero, full's kin random and urandom, tty and console by rule; full, ptmx and the pts
 * by the runtime itself; FUSE never.
 */
const defaultRules: readonly OciDeviceRule[] = [
  denyAll,
  { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 9, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 8, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 1, access: "rwm" },
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

interface DevicePlan {
  /** Nodes that the runtime makes beside its own. */
  readonly devices: readonly OciDevice[];
  readonly rules: readonly OciDeviceRule[];
}

/** Nodes and rules of the device cgroup: the defaults, then what was asked for. @throws invalid for a rule that is none */
export function planDevices(host: HostSpec, machine: Pick<MachineFacts, "devices">, found: FoundDevices): DevicePlan {
  const mapped = (host.devices ?? []).flatMap((mapping) =>
    (found.get(mapping.source) ?? []).map((device) => ({ device: { ...device, path: targetOf(device.path, mapping) }, mapping })),
  );
  const asked = mapped.map(({ device }) => device);
  if (host.privileged) {
    const taken = new Set(asked.map(({ path }) => path));
    return { devices: [...machine.devices.filter(({ path }) => !taken.has(path)), ...asked], rules: [{ allow: true, access: "rwm" }] };
  }
  const rules = mapped.map(({ device: { type, major, minor }, mapping: { access } }): OciDeviceRule => {
    return { allow: true, type: type === "b" ? "b" : "c", major, minor, access };
  });
  return { devices: asked, rules: [...defaultRules, ...rules, ...(host.deviceRules ?? []).map(parseDeviceRule)] };
}

/** "c 1:3 rwm"; a star is any number. @throws invalid in Docker's words */
export function parseDeviceRule(text: string): OciDeviceRule {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null) throw fault("invalid", `invalid device cgroup rule format: '${text}'`);
  const [, type = "a", major = "*", minor = "*", access = ""] = match;
  const number = (digits: string): number | undefined => (digits === "*" ? undefined : Number(digits));
  const [majorNumber, minorNumber] = [number(major), number(minor)];
  return {
    allow: true,
    type: type === "a" || type === "b" ? type : "c",
    ...(majorNumber !== undefined && { major: majorNumber }),
    ...(minorNumber !== undefined && { minor: minorNumber }),
    access,
  };
}

/** What lies below a folder of the host lies below the target too. */
function targetOf(path: string, { source, target }: DeviceMapping): string {
  const root = target === "" ? source : target;
  return path.startsWith(`${source}/`) ? `${root}${path.slice(source.length)}` : root;
}
