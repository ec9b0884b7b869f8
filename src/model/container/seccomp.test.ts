import { describe, expect, test } from "bun:test";
import { defaultCapabilities } from "./capabilities.ts";
import { planSeccomp } from "./seccomp.ts";

/** What happens to a call whose arguments nobody looks at. */
function verdict(name: string, capabilities: readonly string[] = defaultCapabilities): string {
  const rules = planSeccomp(capabilities, "x64").syscalls.filter((rule) => rule.names.includes(name));
  if (rules.length === 0) return "EPERM";
  if (rules.some((rule) => rule.action === "SCMP_ACT_ALLOW" && rule.args === undefined)) return "allowed";
  return rules.some((rule) => rule.args !== undefined) ? "by argument" : `errno ${rules[0]?.errnoRet ?? 1}`;
}

describe("planSeccomp()", () => {
  test("F06, H02: refuses what opens the kernel without a capability", () => {
    const refused = ["unshare", "setns", "mount", "umount2", "fsopen", "move_mount", "bpf", "perf_event_open", "keyctl", "add_key"];
    refused.push("userfaultfd", "io_uring_setup", "open_by_handle_at", "init_module", "kexec_load", "reboot", "swapon");
    expect(refused.map((name) => `${name}: ${verdict(name)}`)).toEqual(refused.map((name) => `${name}: EPERM`));
    expect([verdict("clone3"), verdict("socketcall")]).toEqual(["errno 38", "errno 1"]);
    expect([verdict("clone"), verdict("personality"), verdict("socket")]).toEqual(["by argument", "by argument", "by argument"]);
  });

  test("allows what programs live of", () => {
    const allowed = ["read", "execve", "openat2", "ptrace", "chroot", "arch_prctl", "statx", "futex_waitv", "process_vm_readv"];
    expect(allowed.map((name) => verdict(name))).toEqual(allowed.map(() => "allowed"));
  });

  test("opens calls with the capability that rules them", () => {
    const gates: Readonly<Record<string, string>> = {
      CAP_SYS_ADMIN: "mount",
      CAP_DAC_READ_SEARCH: "open_by_handle_at",
      CAP_SYS_BOOT: "reboot",
      CAP_SYS_MODULE: "finit_module",
      CAP_SYS_PACCT: "acct",
      CAP_SYS_PTRACE: "pidfd_getfd",
      CAP_SYS_RAWIO: "iopl",
      CAP_SYS_TIME: "clock_settime",
      CAP_SYS_TTY_CONFIG: "vhangup",
      CAP_SYS_NICE: "mbind",
      CAP_SYSLOG: "syslog",
      CAP_BPF: "bpf",
      CAP_PERFMON: "perf_event_open",
    };
    for (const [capability, call] of Object.entries(gates)) {
      expect([verdict(call), verdict(call, [...defaultCapabilities, capability])]).toEqual(["EPERM", "allowed"]);
    }
    expect(verdict("chroot", [])).toBe("EPERM");
    expect([verdict("clone", ["CAP_SYS_ADMIN"]), verdict("clone3", ["CAP_SYS_ADMIN"])]).toEqual(["allowed", "allowed"]);
  });

  test("names each call once among the allowed", () => {
    const [first] = planSeccomp(defaultCapabilities, "arm64").syscalls;
    expect(new Set(first?.names).size).toBe(first?.names.length ?? 0);
    expect(planSeccomp([], "arm64").architectures).toEqual(["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  });
});
