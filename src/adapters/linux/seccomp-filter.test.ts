import { describe, expect, test } from "bun:test";
import { compileSeccomp, type SeccompProfile } from "./seccomp-filter.ts";

const profile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  syscalls: [
    { names: ["read", "write", "no_such_call_anywhere"], action: "SCMP_ACT_ALLOW" },
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
    { names: ["clone"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }] },
    { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 38, op: "SCMP_CMP_LT" }] },
    { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 40, op: "SCMP_CMP_GT" }] },
  ],
};

const allow = 0x7fff0000;
const refuse = (errno: number): number => 0x00050000 | errno;
const x64 = 0xc000003e;

interface Call {
  readonly number: number;
  readonly args?: readonly number[];
  readonly architecture?: number;
}

/** struct seccomp_data (seccomp(2)). */
function seccompData({ number, args = [], architecture = x64 }: Call): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, architecture, true);
  args.forEach((value, at) => data.setBigUint64(16 + at * 8, BigInt(value), true));
  return data;
}

/** Runs classic BPF as the kernel does for seccomp: absolute loads, and, jumps, return. */
function verdict(program: Uint8Array, call: Call): number {
  const data = seccompData(call);
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [operation, yes, no, k] = [code.getUint16(at, true), code.getUint8(at + 2), code.getUint8(at + 3), code.getUint32(at + 4, true)];
    const jump = (holds: boolean): void => void (at += 8 * (holds ? yes : no));
    if (operation === 0x20) accumulator = data.getUint32(k, true);
    else if (operation === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (operation === 0x05) at += 8 * k;
    else if (operation === 0x15) jump(accumulator === k);
    else if (operation === 0x25) jump(accumulator > k);
    else if (operation === 0x35) jump(accumulator >= k);
    else if (operation === 0x06) return k;
    else throw new Error(`unexpected BPF operation 0x${operation.toString(16)}`);
  }
  throw new Error("the program does not end");
}

describe("compileSeccomp()", () => {
  const program = compileSeccomp(profile) ?? new Uint8Array();

  test("makes a program of whole instructions that the kernel would take", () => {
    expect(program.length % 8).toBe(0);
    expect(program.length / 8).toBeWithin(10, 4096);
  });

  test.each([
    ["a listed call", { number: 0 }, allow],
    ["a call that is not listed", { number: 2 }, refuse(1)],
    ["a call with an errno of its own", { number: 435 }, refuse(38)],
    ["clone of a thread", { number: 56, args: [0x003d0f00] }, allow],
    ["clone into a user namespace", { number: 56, args: [0x10000000] }, refuse(1)],
    ["an internet socket", { number: 41, args: [2] }, allow],
    ["an AF_ALG socket", { number: 41, args: [38] }, refuse(1)],
    ["an AF_VSOCK socket", { number: 41, args: [40] }, refuse(1)],
    ["read by its 32-bit number", { number: 3, architecture: 0x40000003 }, allow],
    ["x32's read", { number: 0x40000000 }, allow],
    ["a foreign architecture", { number: 0, architecture: 0xc00000b7 }, 0],
  ] satisfies [string, Call, number][])("decides on %s", (_what, call, expected) => {
    expect(verdict(program, call)).toBe(expected);
  });

  test("refuses an action or comparison that it does not know, instead of leaving it out", () => {
    expect(() => compileSeccomp({ ...profile, defaultAction: "SCMP_ACT_NOTIFY" })).toThrow("SCMP_ACT_NOTIFY");
    const odd = { names: ["read"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 1, op: "SCMP_CMP_WRONG" }] };
    expect(() => compileSeccomp({ ...profile, syscalls: [odd] })).toThrow("SCMP_CMP_WRONG");
  });
});
