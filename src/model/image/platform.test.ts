import { expect, test } from "bun:test";
import type { Descriptor, Platform } from "./descriptor.ts";
import { formatPlatform, parsePlatform, platformMatches, selectPlatform } from "./platform.ts";

test.each([
  ["linux/amd64", "linux/amd64"],
  ["linux/x86_64", "linux/amd64"],
  ["Linux/aarch64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm/v7", "linux/arm/v7"],
])("parsePlatform() reads %s as %s", (text, normal) => {
  expect(formatPlatform(parsePlatform(text))).toBe(normal);
});

test.each(["", "linux", "linux/", "linux/amd64/v1/x", "linux/../x"])("parsePlatform() refuses %j", (text) => {
  expect(() => parsePlatform(text)).toThrow("invalid argument");
});

test("platformMatches() lets a machine run what is older than itself", () => {
  const arm = (variant?: string): Platform => ({ os: "linux", architecture: "arm", ...(variant !== undefined && { variant }) });
  expect([platformMatches(arm("v7"), arm("v6")), platformMatches(arm("v6"), arm("v7")), platformMatches(arm(), arm("v7"))]).toEqual([
    true,
    false,
    true,
  ]);
});

test("selectPlatform() takes the nearest variant and never an attestation", () => {
  const entry = (number: number, platform: Platform): Descriptor => ({
    mediaType: "m",
    size: 1,
    digest: `sha256:${String(number).repeat(64)}`,
    platform,
  });
  const manifests = [
    entry(1, { os: "unknown", architecture: "unknown" }),
    entry(2, { os: "linux", architecture: "arm", variant: "v5" }),
    entry(3, { os: "linux", architecture: "arm", variant: "v6" }),
    entry(4, { os: "linux", architecture: "arm64" }),
  ];
  expect(selectPlatform({ os: "linux", architecture: "arm", variant: "v7" }, manifests)).toEqual(manifests[2]);
  expect(selectPlatform({ os: "linux", architecture: "s390x" }, manifests)).toBeUndefined();
});
