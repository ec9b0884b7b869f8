import { expect, test } from "bun:test";
import { formatIpv6, parseIpv6 } from "./ipv6.ts";

test.each([
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8::0:9", "2001:db8::9"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["fe80:0:0:1::", "fe80:0:0:1::"],
  ["::ffff:10.1.2.3", "::ffff:10.1.2.3"],
  ["64:ff9b::10.1.2.3", "64:ff9b::a01:203"],
  ["0:0:0:0:0:0:0:10", "::10"],
])("%s is read and written as %s", (text, written) => {
  const bytes = parseIpv6(text);
  expect(bytes?.length).toBe(16);
  expect(formatIpv6(bytes ?? new Uint8Array(16))).toBe(written);
});

test.each([
  "",
  ":",
  ":::",
  "1",
  "1::2::3",
  "12345::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "::1.2.3",
  "::1.2.3.256",
  "fe80::1%eth0",
  "::g",
  " ::1",
  "10.0.0.1",
])("%j is no IPv6 address", (text) => {
  expect(parseIpv6(text)).toBeUndefined();
});
