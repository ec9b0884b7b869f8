import { fault } from "#base";

/** Every capability by its number (capabilities(7), linux/capability.h). */
export const capabilityNames = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;

/** What a container has when nothing is asked: Docker's fourteen. */
export const defaultCapabilities: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

export interface CapabilityRequest {
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** Names of the bits of a mask as /proc/PID/status prints it, in the order of their numbers. */
export function capabilitiesOfMask(mask: bigint): readonly string[] {
  return capabilityNames.filter((_, bit) => (mask & (1n << BigInt(bit))) !== 0n);
}

/**
 * The set a container gets, clipped to `available` (the daemon's bounding set).
 * @throws invalid, Docker's text, for a name that is none or that the daemon does not have
 */
export function planCapabilities(request: CapabilityRequest, available: readonly string[]): readonly string[] {
  const added = normalize("CapAdd", request.capAdd, available);
  const dropped = normalize("CapDrop", request.capDrop, available);
  if (request.privileged) return available;
  if (added.includes("ALL")) return available.filter((name) => !dropped.includes(name));
  const base = dropped.includes("ALL") ? [] : defaultCapabilities.filter((name) => !dropped.includes(name));
  return [...new Set([...base.filter((name) => available.includes(name)), ...added])];
}

function normalize(field: string, names: readonly string[], available: readonly string[]): readonly string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    if (upper === "ALL") return upper;
    const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
    if (!capabilityNames.some((known) => known === full)) {
      throw fault("invalid", `invalid ${field}: unknown capability: ${JSON.stringify(full)}`);
    }
    if (!available.includes(full)) {
      throw fault(
        "invalid",
        `invalid ${field}: capability not supported by your kernel or not available in the current environment: ${JSON.stringify(full)}`,
      );
    }
    return full;
  });
}
