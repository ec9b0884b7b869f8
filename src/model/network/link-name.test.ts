import { expect, test } from "bun:test";
import { hostLinkName, hostLinkPrefix, macOf } from "./link-name.ts";
import { parseIpv4 } from "./ipv4.ts";

test("macOf() is 02:42 and the address", () => {
  expect(macOf(parseIpv4("172.17.0.2") ?? 0)).toBe("02:42:ac:11:00:02");
  expect(macOf(parseIpv4("10.255.1.16") ?? 0)).toBe("02:42:0a:ff:01:10");
});

test("hostLinkName() is as long as the kernel takes, starts with the daemon's prefix and tells endpoints apart", () => {
  const names = ["0123456789", "fedcba9876"].map((id) => hostLinkName("gantry0", id));
  expect(names.map((name) => name.length)).toEqual([15, 15]);
  expect(names.every((name) => name.startsWith(hostLinkPrefix("gantry0")))).toBe(true);
  expect(new Set(names).size).toBe(2);
});

test("hostLinkPrefix() differs between bridges", () => {
  const bridges = Array.from({ length: 500 }, (_, index) => `gantry${index}`);
  expect(new Set(bridges.map(hostLinkPrefix)).size).toBe(500);
});
