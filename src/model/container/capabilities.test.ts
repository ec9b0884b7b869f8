import { describe, expect, test } from "bun:test";
import { capabilitiesOfMask, capabilityNames, defaultCapabilities, planCapabilities } from "./capabilities.ts";

const available = capabilityNames.filter((name) => name !== "CAP_SYS_RESOURCE");
const nothing = { privileged: false, capAdd: [], capDrop: [] };

describe("planCapabilities()", () => {
  test("gives Docker's fourteen", () => {
    expect(planCapabilities(nothing, available)).toEqual(defaultCapabilities);
    expect(
      defaultCapabilities.reduce((mask, name) => mask | (1n << BigInt(capabilityNames.findIndex((known) => known === name))), 0n),
    ).toBe(0xa80425fbn);
  });

  test("adds and drops by name, with and without CAP_, in any case", () => {
    const planned = planCapabilities({ ...nothing, capAdd: ["net_admin", "CAP_SYS_PTRACE", "chown"], capDrop: ["Net_Raw"] }, available);
    expect(planned).toEqual([...defaultCapabilities.filter((name) => name !== "CAP_NET_RAW"), "CAP_NET_ADMIN", "CAP_SYS_PTRACE"]);
  });

  test("clips privileged and ALL to what the daemon has", () => {
    expect(planCapabilities({ ...nothing, privileged: true }, available)).toEqual(available);
    expect(planCapabilities({ ...nothing, capAdd: ["all"], capDrop: ["CHOWN"] }, available)).toEqual(
      available.filter((name) => name !== "CAP_CHOWN"),
    );
  });

  test("drops ALL but what is added", () => {
    expect(planCapabilities({ ...nothing, capAdd: ["KILL"], capDrop: ["ALL"] }, available)).toEqual(["CAP_KILL"]);
  });

  const refused: readonly (readonly [Partial<typeof nothing>, string])[] = [
    [{ capAdd: ["FOO"] as never[] }, 'invalid CapAdd: unknown capability: "CAP_FOO"'],
    [{ capAdd: ["CAP_ALL"] as never[] }, 'invalid CapAdd: unknown capability: "CAP_ALL"'],
    [{ capDrop: ["FOO"] as never[] }, 'invalid CapDrop: unknown capability: "CAP_FOO"'],
    [
      { capAdd: ["SYS_RESOURCE"] as never[] },
      'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_SYS_RESOURCE"',
    ],
  ];
  for (const [request, message] of refused) {
    test(`refuses: ${message}`, () => {
      expect(() => planCapabilities({ ...nothing, ...request }, available)).toThrow(message);
    });
  }
});

test("capabilitiesOfMask() reads the kernel's bits", () => {
  expect(capabilitiesOfMask(0n)).toEqual([]);
  expect(capabilitiesOfMask(0b101n)).toEqual(["CAP_CHOWN", "CAP_DAC_READ_SEARCH"]);
  expect(capabilitiesOfMask(0x1fffeffffffn).includes("CAP_SYS_RESOURCE")).toBe(false);
  expect(capabilitiesOfMask(0x1ffffffffffn)).toEqual(capabilityNames);
});
