// Profiles of the operator's own, in Docker's format: rules that come and go with capabilities, architecture and kernel.
import { fault, messageOf } from "#base";
import type { MachineFacts } from "./machine.ts";
import { comparisons, type OciSeccomp, type OciSeccompRule, seccompActions, type SeccompAction } from "./seccomp.ts";

interface Condition {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  /** Numbers of a kernel's version. */
  readonly minKernel?: readonly number[];
}

interface ProfileRule {
  readonly rules: readonly OciSeccompRule[];
  readonly includes: Condition;
  readonly excludes: Condition;
}

export interface SeccompProfile {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** By the machine's own architecture; "" for every machine. */
  readonly architectures: ReadonlyMap<string, readonly string[]>;
  readonly rules: readonly ProfileRule[];
}

const native = { x64: { scmp: "SCMP_ARCH_X86_64", go: "amd64" }, arm64: { scmp: "SCMP_ARCH_AARCH64", go: "arm64" } } as const;

/** The profile of a text. @throws invalid, in Docker's words where it has any */
export function readSeccompProfile(text: string): SeccompProfile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw fault("invalid", `Decoding seccomp profile failed: ${messageOf(error)}`, { cause: error });
  }
  return parseSeccompProfile(document);
}

/** @throws invalid, saying which field is not what Docker's format has there */
export function parseSeccompProfile(document: unknown): SeccompProfile {
  const profile = record(document, "profile");
  const archMap = list(profile["archMap"], "archMap").map((entry) => record(entry, "archMap"));
  const plain = texts(profile["architectures"], "architectures");
  if (archMap.length > 0 && plain.length > 0)
    throw fault(
      "invalid",
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  return {
    defaultAction: action(profile["defaultAction"]),
    ...errno(profile["defaultErrnoRet"], "defaultErrnoRet"),
    architectures: new Map([
      ["", plain],
      ...archMap.map((entry) => {
        const own = text(entry["architecture"], "archMap.architecture");
        return [own, [own, ...texts(entry["subArchitectures"], "archMap.subArchitectures")]] as const;
      }),
    ]),
    rules: list(profile["syscalls"], "syscalls").map((rule, index) => parseRule(record(rule, `syscalls.${index}`), `syscalls.${index}`)),
  };
  function errno(value: unknown, field: string): { readonly defaultErrnoRet?: number } {
    return value === undefined ? {} : { defaultErrnoRet: whole(value, field) };
  }
}

/** The filter of a container with these capabilities on this machine. */
export function planProfile(profile: SeccompProfile, capabilities: readonly string[], machine: MachineFacts): OciSeccomp {
  const { scmp, go } = native[machine.architecture];
  const kernel = numbersOf(machine.kernelRelease ?? "");
  const holds = ({ includes, excludes }: ProfileRule): boolean =>
    includes.caps.every((name) => capabilities.includes(name)) &&
    (includes.arches.length === 0 || includes.arches.includes(go)) &&
    (includes.minKernel === undefined || machine.kernelRelease === undefined || isAtLeast(kernel, includes.minKernel)) &&
    !excludes.caps.some((name) => capabilities.includes(name)) &&
    !excludes.arches.includes(go) &&
    !(excludes.minKernel !== undefined && isAtLeast(kernel, excludes.minKernel));
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: profile.architectures.get(scmp) ?? profile.architectures.get("") ?? [],
    syscalls: profile.rules.filter(holds).flatMap(({ rules }) => rules),
  };
}

function parseRule(rule: Readonly<Record<string, unknown>>, field: string): ProfileRule {
  const name = text(rule["name"] ?? "", `${field}.name`);
  const several = texts(rule["names"], `${field}.names`);
  if (name !== "" && several.length > 0)
    throw fault("invalid", "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
  const names = name === "" ? several : [name];
  const base = {
    names,
    action: action(rule["action"]),
    ...(rule["errnoRet"] !== undefined && { errnoRet: whole(rule["errnoRet"], `${field}.errnoRet`) }),
  };
  const args = list(rule["args"], `${field}.args`).map((arg, index) => parseArgument(record(arg, field), `${field}.args.${index}`));
  // Several conditions on one argument are alternatives (runtimes split them); libseccomp knows conditions that all hold.
  const isDouble = new Set(args.map(({ index }) => index)).size < args.length;
  return {
    rules:
      names.length === 0 ? [] : isDouble ? args.map((arg) => ({ ...base, args: [arg] })) : [{ ...base, ...(args.length > 0 && { args }) }],
    includes: condition(rule["includes"], `${field}.includes`),
    excludes: condition(rule["excludes"], `${field}.excludes`),
  };
}

type Argument = NonNullable<OciSeccompRule["args"]>[number];

function parseArgument(arg: Readonly<Record<string, unknown>>, field: string): Argument {
  const op = comparisons.find((known) => known === arg["op"]);
  if (op === undefined) throw fault("invalid", `string ${String(arg["op"])} is not a valid operator for seccomp`);
  const index = whole(arg["index"], `${field}.index`);
  if (index > 5) throw fault("invalid", `error creating seccomp syscall condition: syscalls only have up to 6 arguments (${index} given)`);
  return {
    index,
    value: whole(arg["value"] ?? 0, `${field}.value`),
    ...(arg["valueTwo"] !== undefined && { valueTwo: whole(arg["valueTwo"], `${field}.valueTwo`) }),
    op,
  };
}

function condition(value: unknown, field: string): Condition {
  const { caps, arches, minKernel } = record(value ?? {}, field);
  return {
    caps: texts(caps, `${field}.caps`),
    arches: texts(arches, `${field}.arches`),
    ...(minKernel !== undefined && { minKernel: kernelOf(text(minKernel, `${field}.minKernel`)) }),
  };
}

function kernelOf(version: string): readonly number[] {
  if (!/^\d+\.\d+$/.test(version))
    throw fault(
      "invalid",
      `Decoding seccomp profile failed: invalid kernel version: ${JSON.stringify(version)}, expected "<kernel>.<major>"`,
    );
  return numbersOf(version);
}

function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number);
}

function isAtLeast(kernel: readonly number[], wanted: readonly number[]): boolean {
  const [major = 0, minor = 0] = kernel;
  const [wantedMajor = 0, wantedMinor = 0] = wanted;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function action(value: unknown): SeccompAction {
  const found = seccompActions.find((known) => known === value);
  if (found === undefined) throw fault("invalid", `string ${typeof value === "string" ? value : ""} is not a valid action for seccomp`);
  return found;
}

function record(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fault("invalid", `seccomp profile: ${field} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw fault("invalid", `seccomp profile: ${field} is not a list`);
  return value;
}

function texts(value: unknown, field: string): readonly string[] {
  return list(value, field).map((entry) => text(entry, field));
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw fault("invalid", `seccomp profile: ${field} is not a text`);
  return value;
}

function whole(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw fault("invalid", `seccomp profile: ${field} is not a whole number`);
  return value;
}
