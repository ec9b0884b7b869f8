import { beforeAll, describe, expect, test } from "bun:test";
import { canBoot, namedJobs, runGuest } from "./machine.ts";

const bootable = canBoot();
const title = (name: string): string => (bootable ? name : `${name} [skip: the guest is Debian's amd64 kernel]`);

describe.skipIf(!bootable)("on Debian's kernel with cgroup v2 alone:", () => {
  let console = "";

  beforeAll(async () => {
    console = await runGuest(480_000);
  }, 600_000);

  test(title("the guest came up, with AppArmor, and went off by itself"), () => {
    expect(console).toMatch(/GUEST kernel 6\.1\..*, AppArmor Y/);
    expect(console).toContain("GUEST done");
  });

  for (const name of namedJobs()) {
    test(title(name), () => {
      const line = console
        .split("\n")
        .find((candidate) => candidate.startsWith(`GUEST ok ${name}`) || candidate.startsWith(`GUEST FAIL ${name}`));
      expect(line ?? `nothing was heard of it:\n${console.slice(-2_000)}`).toBe(`GUEST ok ${name}`);
    });
  }
});
