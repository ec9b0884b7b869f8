import { expect, test } from "bun:test";
import type { Descriptor, Platform } from "./descriptor.ts";
import { formatPlatform, platformMatches, selectPlatform } from "./platform.ts";

test.each<[Platform, string]>([
  [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
  [{ os: "linux", architecture: "x86_64" }, "linux/amd64"],
  [{ os: "Linux", architecture: "aarch64" }, "linux/arm64"],
  [{ os: "linux", architecture: "arm64", variant: "v8" }, "linux/arm64"],
  [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v7"],
])("formatPlatform() has one spelling for %j", (platform, text) => {
  expect(formatPlatform(platform)).toBe(text);
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
