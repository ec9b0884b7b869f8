import type { OciDeviceRule } from "./runtime.ts";

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

/** Rules of the device cgroup. */
export function planDeviceRules(privileged: boolean): readonly OciDeviceRule[] {
  return privileged ? [{ allow: true, access: "rwm" }] : defaultRules;
}
