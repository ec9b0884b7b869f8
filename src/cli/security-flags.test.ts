import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "./parse-flags.ts";
import { securityFlags, securityOf } from "./security-flags.ts";

const read = (...args: readonly string[]): Readonly<Record<string, unknown>> =>
  securityOf(parseFlags({ flags: securityFlags, interspersed: false }, args).values);

describe("securityOf()", () => {
  test("says nothing of what was not asked", () => {
    expect(read()).toEqual({});
  });

  test("translates every flag", () => {
    const words = "--annotation a=b=c --annotation d --group-add 5 --group-add audio --runtime crun";
    const more = "--sysctl net.ipv4.ip_forward=1 --sysctl kernel.sem=1 --userns host --security-opt no-new-privileges";
    expect(read(...`${words} ${more}`.split(" "))).toEqual({
      Annotations: { a: "b=c", d: "" },
      GroupAdd: ["5", "audio"],
      Runtime: "crun",
      Sysctls: { "net.ipv4.ip_forward": "1", "kernel.sem": "1" },
      UsernsMode: "host",
      SecurityOpt: ["no-new-privileges"],
    });
  });

  test("asks for open system paths with empty lists, and reads a profile here", () => {
    expect(read("--security-opt", "systempaths=unconfined")).toEqual({ MaskedPaths: [], ReadonlyPaths: [] });
    const folder = mkdtempSync(join(tmpdir(), "gantry-seccomp-"));
    try {
      const path = join(folder, "profile.json");
      writeFileSync(path, '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n');
      expect(read("--security-opt", `seccomp=${path}`)).toEqual({ SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] });
      writeFileSync(path, "{");
      expect(() => read("--security-opt", `seccomp:${path}`)).toThrow(`compacting json for seccomp profile (${path}) failed: `);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(read("--security-opt", "seccomp=builtin", "--security-opt", "seccomp:unconfined")).toEqual({
      SecurityOpt: ["seccomp=builtin", "seccomp:unconfined"],
    });
  });

  // Recorded from Docker 28.5's client.
  test.each([
    [["--security-opt", "foo"], 'Invalid --security-opt: "foo"'],
    [["--security-opt", "writable-cgroups"], 'Invalid --security-opt: "writable-cgroups"'],
    [["--security-opt", "seccomp=/absent"], "opening seccomp profile (/absent) failed: open /absent: no such file or directory"],
    [["--userns", "private"], "--userns: invalid USER mode"],
    [["--sysctl", "net.ipv4.ip_forward"], "sysctl 'net.ipv4.ip_forward' is not allowed"],
    [["--sysctl", "kernel.domainname=x"], "sysctl 'kernel.domainname=x' is not allowed"],
    [["--sysctl", ""], "sysctl '' is not allowed"],
  ])("refuses %j", (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
