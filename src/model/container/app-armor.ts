// AppArmor confines a process by the paths that it names and the rights that it uses. A container has the profile that it asks for, else the
// usual one, which goes by Docker's name: who writes it in a compose file means the same here.
import { parseSecurityOptions } from "./security-options.ts";
import type { HostSpec } from "./spec.ts";

export const usualAppArmorProfile = "docker-default";

/** The usual profile in apparmor.d(5)'s language; it needs no file beside it. */
export const usualAppArmorText = `profile ${usualAppArmorProfile} flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  umount,

  # The kernel's crypto by socket, and mounts, whatever the capabilities.
  deny network alg,
  deny mount,

  # The engine's signals, the runtime's, and those of the container's own.
  signal receive peer=unconfined,
  signal receive peer=crun,
  signal receive peer=runc,
  signal (send, receive) peer=${usualAppArmorProfile},
  ptrace (trace, read, tracedby, readby) peer=${usualAppArmorProfile},

  # Of /proc only processes can be written, and shared memory's parameters.
  deny /proc/[a-z]* w,
  deny /proc/[a-rt-z]*/** w,
  deny /proc/s[a-xz]*/** w,
  deny /proc/sys/[a-jl-z]*/** w,
  deny /proc/sys/kernel/[a-rt-z]** w,
  deny /proc/sys/kernel/s[a-gi-z]** w,
  deny /proc/{sysrq-trigger,kcore} rwklx,

  # Of /sys only control groups.
  deny /sys/[a-eg-z]*/** wklx,
  deny /sys/f[a-rt-z]*/** wklx,
  deny /sys/fs/[abd-z]*/** wklx,
  deny /sys/fs/c[a-fh-z]*/** wklx,
  deny /sys/{firmware,devices/virtual/powercap,kernel/security}/{,**} rwklx,
}
`;

/** What the kernel has of AppArmor: absent without the module. */
export interface AppArmor {
  /** Whether the usual profile could be loaded. */
  readonly hasUsual: boolean;
}

/** The profile by name, "unconfined" for none; a privileged container's execs are as free as it is, and others' are not. */
export function appArmorProfileOf(host: Pick<HostSpec, "privileged" | "securityOptions">, kernel: AppArmor): string {
  const { appArmor = "" } = parseSecurityOptions(host.securityOptions ?? []);
  if (appArmor !== "") return appArmor;
  return host.privileged || !kernel.hasUsual ? "unconfined" : usualAppArmorProfile;
}
