import { seccompAllowed } from "./seccomp-allowed.ts";
import type { MachineFacts } from "./machine.ts";

/** runtime-spec config-linux.md, "Seccomp". */
export interface OciSeccomp {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly OciSeccompRule[];
}

export const seccompActions = [
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_LOG",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_TRAP",
] as const;

export type SeccompAction = (typeof seccompActions)[number];

export const comparisons = [
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_LE",
  "SCMP_CMP_LT",
  "SCMP_CMP_MASKED_EQ",
  "SCMP_CMP_NE",
] as const;

export interface OciSeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: (typeof comparisons)[number];
  }[];
}

const EPERM = 1;
const ENOSYS = 38;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (clone(2)). */
const namespaceFlags = 0x7e020000;

const AF_ALG = 38;
const AF_VSOCK = 40;

/** personality(2): Linux, 32-bit uname, the 2.6 uname, both, and the query. */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** Calls that come with a capability. */
const byCapability: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
  CAP_SYS_ADMIN: [
    "bpf",
    "clone",
    "clone3",
    "fanotify_init",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "lookup_dcookie",
    "lsm_get_self_attr",
    "lsm_list_modules",
    "lsm_set_self_attr",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "perf_event_open",
    "quotactl",
    "quotactl_fd",
    "setdomainname",
    "sethostname",
    "setns",
    "syslog",
    "umount",
    "umount2",
    "unshare",
  ],
  CAP_SYS_BOOT: ["reboot"],
  CAP_SYS_CHROOT: ["chroot"],
  CAP_SYS_MODULE: ["delete_module", "finit_module", "init_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_PTRACE: ["kcmp", "pidfd_getfd", "process_madvise"],
  CAP_SYS_RAWIO: ["ioperm", "iopl"],
  CAP_SYS_TIME: ["clock_settime", "clock_settime64", "settimeofday", "stime"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_NICE: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
  CAP_SYSLOG: ["syslog"],
  CAP_BPF: ["bpf"],
  CAP_PERFMON: ["perf_event_open"],
};

const byArchitecture = {
  x64: { architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], names: ["arch_prctl", "modify_ldt"] },
  arm64: {
    architectures: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    names: ["arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls", "sync_file_range2"],
  },
} as const;

/** The default filter: what is not named fails with EPERM. `capabilities` open the calls that need them. */
export function planSeccomp(capabilities: readonly string[], architecture: MachineFacts["architecture"]): OciSeccomp {
  const { architectures, names } = byArchitecture[architecture];
  const gated = capabilities.flatMap((name) => byCapability[name] ?? []);
  const opensNamespaces = capabilities.includes("CAP_SYS_ADMIN");
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures,
    syscalls: [
      { names: [...new Set([...seccompAllowed, ...names, ...gated])], action: "SCMP_ACT_ALLOW" },
      ...socketRules,
      ...personalities.map((value) => allowWhen("personality", { value, op: "SCMP_CMP_EQ" })),
      ...(opensNamespaces ? [] : withoutNamespaces),
    ],
  };
}

/** AF_ALG and AF_VSOCK reach the kernel's crypto and the hypervisor: neither belongs to a container. */
const socketRules: readonly OciSeccompRule[] = [
  allowWhen("socket", { value: AF_ALG, op: "SCMP_CMP_LT" }),
  allowWhen("socket", { value: AF_ALG + 1, op: "SCMP_CMP_EQ" }),
  allowWhen("socket", { value: AF_VSOCK, op: "SCMP_CMP_GT" }),
  // Said although it is the default: libseccomp takes a rule about `socket` for one about i386's socketcall, whose family no filter sees.
  { names: ["socketcall"], action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
];

/** clone3 hides its flags from the filter; ENOSYS makes C libraries fall back to clone. */
const withoutNamespaces: readonly OciSeccompRule[] = [
  {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  },
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
];

function allowWhen(name: string, test: { value: number; op: "SCMP_CMP_EQ" | "SCMP_CMP_LT" | "SCMP_CMP_GT" }): OciSeccompRule {
  return { names: [name], action: "SCMP_ACT_ALLOW", args: [{ index: 0, ...test }] };
}
