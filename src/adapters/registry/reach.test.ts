import { expect, test } from "bun:test";
import { isIP } from "node:net";
import { addressReach, checkReach } from "./reach.ts";

test.each<[string, "local" | "private" | "public"]>([
  ["127.0.0.1", "local"],
  ["0.0.0.0", "local"],
  ["169.254.169.254", "local"],
  ["::1", "local"],
  ["fe80::1", "local"],
  ["::ffff:127.0.0.1", "local"],
  ["10.1.2.3", "private"],
  ["172.31.0.1", "private"],
  ["fd00::1", "private"],
  ["172.32.0.1", "public"],
  ["1.1.1.1", "public"],
  ["2606:4700::1", "public"],
])("addressReach() of %s is %s", (address, reach) => {
  expect(addressReach(address, isIP(address) === 6 ? "ipv6" : "ipv4")).toBe(reach);
});

test.each([
  ["https://1.1.1.1/", "https://8.8.8.8/", true],
  ["https://1.1.1.1/", "https://10.0.0.1/", false],
  ["https://10.0.0.2/", "https://10.0.0.1/", true],
  ["https://10.0.0.2/", "https://0x7f.1/", false],
  ["https://127.0.0.1/", "https://169.254.169.254/", true],
  ["https://[::1]/", "https://10.0.0.1/", true],
])("checkReach() from %s to %s", async (registry, target, allowed) => {
  const refused = await checkReach(new URL(registry), new URL(target)).catch((error: unknown) => String(error));
  expect(refused === undefined).toBe(allowed);
});
