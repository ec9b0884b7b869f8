import { describe, expect, test } from "bun:test";
import type { MachineFacts } from "./machine.ts";
import { parseSeccompProfile, planProfile, readSeccompProfile } from "./seccomp-profile.ts";

const machine = { architecture: "x64", kernelRelease: "6.1.0-9-amd64" } as MachineFacts;

function names(profile: object, capabilities: readonly string[] = [], on: Partial<MachineFacts> = {}): readonly string[] {
  const plan = planProfile(parseSeccompProfile({ defaultAction: "SCMP_ACT_ERRNO", ...profile }), capabilities, { ...machine, ...on });
  return plan.syscalls.flatMap((rule) => rule.names);
}

const allow = (name: string, more: object = {}): object => ({ names: [name], action: "SCMP_ACT_ALLOW", ...more });

describe("planProfile()", () => {
  test("takes the rules that hold for capabilities, architecture and kernel", () => {
    const syscalls = [
      allow("always"),
      allow("both", { includes: { caps: ["CAP_A", "CAP_B"] } }),
      allow("without", { excludes: { caps: ["CAP_A"] } }),
      allow("amd", { includes: { arches: ["amd64", "x32"] } }),
      allow("not-amd", { excludes: { arches: ["amd64"] } }),
      allow("old", { includes: { minKernel: "4.8" } }),
      allow("new", { includes: { minKernel: "6.12" } }),
    ];
    expect(names({ syscalls })).toEqual(["always", "without", "amd", "old"]);
    expect(names({ syscalls }, ["CAP_A"])).toEqual(["always", "amd", "old"]);
    expect(names({ syscalls }, ["CAP_A", "CAP_B"])).toEqual(["always", "both", "amd", "old"]);
    expect(names({ syscalls }, [], { architecture: "arm64", kernelRelease: "6.18.44" })).toEqual([
      "always",
      "without",
      "not-amd",
      "old",
      "new",
    ]);
  });

  test("carries actions, errors, conditions and architectures over", () => {
    const args = [{ index: 0, value: 8, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }];
    const double = [
      { index: 1, value: 1, op: "SCMP_CMP_EQ" },
      { index: 1, value: 2, op: "SCMP_CMP_EQ" },
    ];
    const profile = parseSeccompProfile({
      defaultAction: "SCMP_ACT_KILL_PROCESS",
      archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
      syscalls: [allow("clone", { args }), { name: "one", action: "SCMP_ACT_ERRNO", errnoRet: 38 }, allow("two", { args: double })],
    });
    expect(planProfile(profile, [], machine)).toEqual({
      defaultAction: "SCMP_ACT_KILL_PROCESS",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [
        { names: ["clone"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 8, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }] },
        { names: ["one"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
        { names: ["two"], action: "SCMP_ACT_ALLOW", args: [{ index: 1, value: 1, op: "SCMP_CMP_EQ" }] },
        { names: ["two"], action: "SCMP_ACT_ALLOW", args: [{ index: 1, value: 2, op: "SCMP_CMP_EQ" }] },
      ],
    });
  });
});

describe("parseSeccompProfile()", () => {
  test.each([
    [[], "profile is not an object"],
    [{}, "string  is not a valid action for seccomp"],
    [{ defaultAction: "SCMP_ACT_NOTIFY" }, "string SCMP_ACT_NOTIFY is not a valid action for seccomp"],
    [{ syscalls: {} }, "syscalls is not a list"],
    [{ syscalls: [allow("x", { name: "y" })] }, "both 'name' and 'names' are specified in the seccomp profile"],
    [{ syscalls: [allow("x", { includes: { minKernel: "abc" } })] }, 'invalid kernel version: "abc", expected "<kernel>.<major>"'],
    [{ syscalls: [allow("x", { args: [{ index: 9, op: "SCMP_CMP_EQ" }] })] }, "syscalls only have up to 6 arguments (9 given)"],
    [{ syscalls: [allow("x", { args: [{ index: 0, op: "EQ" }] })] }, "string EQ is not a valid operator for seccomp"],
    [{ syscalls: [allow("x", { includes: { caps: "CAP_A" } })] }, "syscalls.0.includes.caps is not a list"],
    [{ architectures: ["a"], archMap: [{ architecture: "b" }] }, "both 'architectures' and 'archMap' are specified"],
  ])("refuses %j", (profile: object, message) => {
    const whole = Array.isArray(profile) || Object.keys(profile).length === 0 ? profile : { defaultAction: "SCMP_ACT_ERRNO", ...profile };
    expect(() => parseSeccompProfile(whole)).toThrow(message);
  });
});

describe("readSeccompProfile()", () => {
  test("takes no text that is not JSON as a whole", () => {
    for (const text of ["default", "{", '{"defaultAction":"SCMP_ACT_ALLOW"} x'])
      expect(() => readSeccompProfile(text)).toThrow("Decoding seccomp profile failed: ");
  });
});
