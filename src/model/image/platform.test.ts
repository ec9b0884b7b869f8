import { expect, test } from "bun:test";
import type { Descriptor, Platform } from "./descriptor.ts";
import { messageOf } from "#base";
import { formatPlatform, normalizePlatform, parsePlatform, platformMatches, samePlatform, selectPlatform } from "./platform.ts";

test.each<[Platform, string]>([
  [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
  [{ os: "linux", architecture: "x86_64" }, "linux/amd64"],
  [{ os: "Linux", architecture: "aarch64" }, "linux/arm64"],
  [{ os: "linux", architecture: "arm64", variant: "v8" }, "linux/arm64"],
  [{ os: "linux", architecture: "amd64", variant: "v1" }, "linux/amd64"],
  [{ os: "linux", architecture: "amd64", variant: "v3" }, "linux/amd64/v3"],
  [{ os: "linux", architecture: "arm" }, "linux/arm/v7"],
  [{ os: "linux", architecture: "arm", variant: "6" }, "linux/arm/v6"],
  [{ os: "linux", architecture: "armel" }, "linux/arm/v6"],
  [{ os: "linux", architecture: "armhf" }, "linux/arm/v7"],
  [{ os: "macos", architecture: "arm64" }, "darwin/arm64"],
])("normalizePlatform() has one spelling for %j", (platform, text) => {
  expect(formatPlatform(normalizePlatform(platform))).toBe(text);
});

test.each([
  ["linux/arm64/v8", "linux/arm64"],
  ["LINUX/arm", "linux/arm/v7"],
  ["aarch64", "linux/arm64"],
  ["windows", "windows/amd64"],
  ["foo", '"foo": unknown operating system or architecture: invalid argument'],
  ["a/b/c/d", '"a/b/c/d": cannot parse platform specifier: invalid argument'],
  ["linux//v7", '"linux//v7": cannot parse platform specifier: invalid argument'],
])("parsePlatform() of %j is %s", (text, expected) => {
  expect(outcome(text)).toBe(expected);
});

function outcome(text: string): string {
  try {
    return formatPlatform(parsePlatform(text, { os: "linux", architecture: "amd64" }));
  } catch (error) {
    return messageOf(error);
  }
}

test("samePlatform() sees through spellings, not through variants", () => {
  const same = (a: string, b: string): boolean => samePlatform(...([a, b].map(asWritten) as [Platform, Platform]));
  expect([same("linux/arm64", "linux/arm64/v8"), same("linux/arm", "linux/arm/v7")]).toEqual([true, true]);
  expect([same("linux/arm/v6", "linux/arm/v7"), same("linux/amd64", "linux/amd64/v2"), same("linux/arm64", "linux/arm")]).toEqual([
    false,
    false,
    false,
  ]);
});

function asWritten(text: string): Platform {
  const [os = "", architecture = "", variant] = text.split("/");
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

test("platformMatches() lets a machine run what is older than itself", () => {
  const arm = (variant?: string): Platform => ({ os: "linux", architecture: "arm", ...(variant !== undefined && { variant }) });
  expect([platformMatches(arm("v7"), arm("v6")), platformMatches(arm("v6"), arm("v7")), platformMatches(arm(), arm("v7"))]).toEqual([
    true,
    false,
    true,
  ]);
});

test("platformMatches() lets 64 bits run the 32 bits below them", () => {
  const linux = (text: string): Platform => asWritten(`linux/${text}`);
  expect(platformMatches(linux("arm64"), linux("arm/v6"))).toBe(true);
  expect(platformMatches(linux("amd64"), linux("386"))).toBe(true);
  expect(platformMatches(linux("arm"), linux("arm64"))).toBe(false);
  expect(platformMatches(linux("386"), linux("amd64"))).toBe(false);
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
  const arm = (text: string): Descriptor | undefined => selectPlatform(asWritten(text), manifests);
  expect([arm("linux/arm64"), arm("linux/arm64/v8"), arm("linux/arm/v5"), arm("linux/amd64")]).toEqual([
    manifests[3],
    manifests[3],
    manifests[1],
    undefined,
  ]);
});
