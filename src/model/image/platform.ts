import type { Descriptor, Platform } from "./descriptor.ts";

const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64", armhf: "arm", i386: "386" };

/** One spelling a platform: x86_64 is amd64, arm64's only variant v8 and amd64's v1 are left away. */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const lower = platform.architecture.toLowerCase();
  const architecture = architectures[lower] ?? lower;
  const variant = platform.variant?.toLowerCase();
  const implied = (architecture === "arm64" && (variant === "v8" || variant === "8")) || (architecture === "amd64" && variant === "v1");
  return { os, architecture, ...(variant !== undefined && variant !== "" && !implied && { variant }) };
}

/** "linux/arm64/v7" */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** True when a machine that wants `wanted` can run `offered`: same system and architecture, and no newer variant. */
export function platformMatches(wanted: Platform, offered: Platform): boolean {
  return rank(normalizePlatform(wanted), normalizePlatform(offered)) !== undefined;
}

/** The manifest of an index that suits `wanted` best (OCI image spec, image-index.md); attestations have platform unknown and never match. */
export function selectPlatform(wanted: Platform, manifests: readonly Descriptor[]): Descriptor | undefined {
  let best: { readonly descriptor: Descriptor; readonly rank: number } | undefined;
  for (const descriptor of manifests) {
    if (descriptor.platform === undefined) continue;
    const value = rank(normalizePlatform(wanted), normalizePlatform(descriptor.platform));
    if (value !== undefined && (best === undefined || value < best.rank)) best = { descriptor, rank: value };
  }
  return best?.descriptor;
}

/** How far `offered` lies below `wanted`, 0 being equal; undefined when it does not run there. */
function rank(wanted: Platform, offered: Platform): number | undefined {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return undefined;
  const highest = variantNumber(wanted);
  const own = variantNumber(offered);
  if (highest === undefined || own === undefined) return wanted.variant === offered.variant ? 0 : undefined;
  return own <= highest ? highest - own : undefined;
}

const baseVariants: Readonly<Record<string, number>> = { amd64: 1, arm64: 8, arm: 7 };

function variantNumber(platform: Platform): number | undefined {
  if (platform.variant === undefined) return baseVariants[platform.architecture] ?? 0;
  const match = /^v?(\d+)$/.exec(platform.variant);
  return match === null ? undefined : Number(match[1]);
}
