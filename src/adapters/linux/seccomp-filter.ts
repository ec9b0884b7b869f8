// Seccomp profiles as the kernel takes them. A runtime that compiles a profile anew at each start spends most of its time on it
// (12 of 20 ms here); compiled once, by the same library (libseccomp), the program is handed to it as bytes.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { readFileSync } from "node:fs";
import { closeFd } from "./descriptor.ts";
import { KernelError } from "./kernel-error.ts";
import { cString, syscall } from "./libc.ts";
import { sys } from "./numbers.ts";
import { newCalls, type SeccompPrefix, withPrefixes } from "./seccomp-prefix.ts";

/** runtime-spec config-linux.md, "Seccomp", as far as our profiles use it. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

const EPERM = 1;
const EEXIST = 17;
const noSuchCall = -1;
/** A binary tree over the numbers instead of a list: a call costs the same wherever it stands (seccomp_attr_set(3)). */
const attributeOptimize = 8;
const binaryTree = 2;
const argumentSize = 24;

const comparisons: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

function openLibrary() {
  const { ptr: pointer, u32, u64, i32 } = FFIType;
  return dlopen("libseccomp.so.2", {
    seccomp_init: { args: [u32], returns: u64 },
    seccomp_release: { args: [u64], returns: FFIType.void },
    seccomp_attr_set: { args: [u64, i32, u32], returns: i32 },
    seccomp_arch_resolve_name: { args: [pointer], returns: u32 },
    seccomp_arch_add: { args: [u64, u32], returns: i32 },
    seccomp_syscall_resolve_name_arch: { args: [u32, pointer], returns: i32 },
    seccomp_syscall_resolve_name: { args: [pointer], returns: i32 },
    seccomp_rule_add_array: { args: [u64, u32, i32, u32, pointer], returns: i32 },
    seccomp_export_bpf: { args: [u64, i32], returns: i32 },
  }).symbols;
}

type Library = ReturnType<typeof openLibrary>;

/**
 * The BPF program of a profile (struct sock_filter array, seccomp(2)); undefined where libseccomp is not installed. Takes some 15 ms.
 * Calls that nobody here knows are left out, as runtimes do. @throws KernelError with libseccomp's reason
 */
export function compileSeccomp(profile: SeccompProfile): Uint8Array | undefined {
  let library: Library;
  try {
    library = openLibrary();
  } catch {
    return undefined;
  }
  const context = library.seccomp_init(actionOf(profile.defaultAction, profile.defaultErrnoRet));
  if (context === 0n) throw new KernelError("seccomp_init", EPERM);
  try {
    check("seccomp_attr_set", library.seccomp_attr_set(context, attributeOptimize, binaryTree));
    for (const name of profile.architectures) addArchitecture(library, context, name);
    // libseccomp refuses a rule that says what happens anyway; the prefixes hold those.
    const usual = actionOf(profile.defaultAction, profile.defaultErrnoRet);
    for (const rule of profile.syscalls) if (actionOf(rule.action, rule.errnoRet) !== usual) addRule(library, context, rule);
    return withPrefixes(
      exportProgram(library, context),
      profile.architectures.map((name) => prefixOf(library, profile, name)),
    );
  } finally {
    library.seccomp_release(context);
  }
}

function addArchitecture(library: Library, context: bigint, name: string): void {
  const token = tokenOf(library, name);
  const result = token === 0 ? -EPERM : library.seccomp_arch_add(context, token);
  // The machine's own architecture is there from the start.
  if (result !== -EEXIST) check(`seccomp_arch_add ${name}`, result);
}

function addRule(library: Library, context: bigint, rule: SeccompRule): void {
  const action = actionOf(rule.action, rule.errnoRet);
  const conditions = rule.args ?? [];
  const packed = packArguments(conditions);
  for (const name of rule.names) {
    const text = cString(name);
    const number = library.seccomp_syscall_resolve_name(ptr(text));
    if (number === noSuchCall) continue;
    check(`seccomp_rule_add ${name}`, library.seccomp_rule_add_array(context, action, number, conditions.length, ptr(packed)));
  }
}

function prefixOf(library: Library, profile: SeccompProfile, architecture: string): SeccompPrefix {
  const token = tokenOf(library, architecture);
  const usual = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const calls = new Map<number, number>();
  let newest = 0;
  for (const { names, action, errnoRet, args } of profile.syscalls) {
    const verdict = actionOf(action, errnoRet);
    for (const name of names) {
      const known = library.seccomp_syscall_resolve_name_arch(token, ptr(cString(name)));
      const number = known === noSuchCall ? (newCalls.get(name) ?? noSuchCall) : known;
      newest = Math.max(newest, number);
      const isUnsaid = known === noSuchCall || verdict === usual;
      if (number >= 0 && isUnsaid && args === undefined) calls.set(number, verdict);
    }
  }
  // Calls of x32 are those of x86-64, by other numbers.
  if (architecture === "SCMP_ARCH_X32") return { architecture: token, calls: new Map() };
  return { architecture: token, calls, ...(refuses.has(profile.defaultAction) && { newest }) };
}

/** Defaults that mean "no", which newer calls are not to be told. */
const refuses = new Set(["SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"]);

function tokenOf(library: Library, architecture: string): number {
  return library.seccomp_arch_resolve_name(ptr(cString(architecture.replace("SCMP_ARCH_", "").toLowerCase())));
}

/** struct scmp_arg_cmp, one behind the other. Never empty, since it must have an address. */
function packArguments(conditions: readonly SeccompArgument[]): Uint8Array {
  const packed = new Uint8Array(Math.max(1, conditions.length) * argumentSize);
  const view = new DataView(packed.buffer);
  conditions.forEach((condition, at) => {
    const comparison = comparisons[condition.op];
    if (comparison === undefined) throw new KernelError(`seccomp comparison ${condition.op}`, EPERM);
    view.setUint32(at * argumentSize, condition.index, true);
    view.setUint32(at * argumentSize + 4, comparison, true);
    view.setBigUint64(at * argumentSize + 8, BigInt(condition.value), true);
    view.setBigUint64(at * argumentSize + 16, BigInt(condition.valueTwo ?? 0), true);
  });
  return packed;
}

function exportProgram(library: Library, context: bigint): Uint8Array {
  const file = syscall({ name: "memfd_create", number: sys.memfdCreate }, cString("seccomp"), 1);
  try {
    check("seccomp_export_bpf", library.seccomp_export_bpf(context, file));
    return new Uint8Array(readFileSync(`/proc/self/fd/${file}`));
  } finally {
    closeFd(file);
  }
}

const actions: Readonly<Record<string, number>> = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_TRAP: 0x00030000,
};

/** SCMP_ACT_* as the library's numbers (seccomp_init(3)). */
function actionOf(action: string, errno = EPERM): number {
  if (action === "SCMP_ACT_ERRNO") return 0x00050000 | errno;
  if (action === "SCMP_ACT_TRACE") return 0x7ff00000 | errno;
  const known = actions[action];
  if (known !== undefined) return known;
  throw new KernelError(`seccomp action ${action}`, EPERM);
}

function check(call: string, result: number): void {
  if (result < 0) throw new KernelError(call, -result);
}
