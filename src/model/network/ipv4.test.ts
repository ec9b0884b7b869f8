import { describe, expect, test } from "bun:test";
import { broadcastOf, formatCidr, formatIpv4, holds, networkOf, overlap, parseCidr, parseIpv4 } from "./ipv4.ts";

describe("parseIpv4()", () => {
  test("reads what formatIpv4() writes", () => {
    for (const text of ["0.0.0.0", "127.0.0.1", "172.17.0.2", "255.255.255.255"]) expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
  });

  test("refuses what is no address", () => {
    const texts = ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.x", "::1", "1.2.3.-4", "1.2.3.4\n"];
    expect(texts.map(parseIpv4)).toEqual(texts.map(() => undefined));
  });
});

describe("parseCidr()", () => {
  test("reads address and length", () => {
    expect(formatCidr(parseCidr("172.17.0.1/16"))).toBe("172.17.0.1/16");
    expect(formatCidr(networkOf(parseCidr("172.17.9.1/16")))).toBe("172.17.0.0/16");
    expect(formatIpv4(broadcastOf(parseCidr("10.1.2.3/30")))).toBe("10.1.2.3");
  });

  test("refuses what is none, naming it", () => {
    for (const text of ["10.0.0.1", "10.0.0.1/33", "10.0.0.1/", "10.0.0/8", "10.0.0.1/8/8", "10.0.0.1/+8", "/8", "fe80::1/64"]) {
      expect(() => parseCidr(text)).toThrow(`invalid CIDR address: ${text}`);
    }
  });
});

test("overlap() is the same both ways and knows the whole address space", () => {
  const pairs = [
    ["172.17.0.0/16", "172.17.4.0/24", true],
    ["172.17.0.0/16", "172.18.0.0/16", false],
    ["0.0.0.0/0", "192.168.1.0/24", true],
    ["10.0.0.128/25", "10.0.0.0/25", false],
    ["224.0.0.0/3", "255.255.255.255/32", true],
  ] as const;
  for (const [one, other, expected] of pairs) {
    expect([overlap(parseCidr(one), parseCidr(other)), overlap(parseCidr(other), parseCidr(one))]).toEqual([expected, expected]);
  }
});

test("holds() ends at the network's bounds", () => {
  const network = parseCidr("192.168.16.0/20");
  const inside = ["192.168.15.255", "192.168.16.0", "192.168.31.255", "192.168.32.0"].map((text) => holds(network, parseIpv4(text) ?? 0));
  expect(inside).toEqual([false, true, true, false]);
});
