import { fault } from "#base";
import type { Descriptor, Platform } from "./descriptor.ts";

const spellings: Readonly<Record<string, Pick<Platform, "architecture" | "variant">>> = {
  x86_64: { architecture: "amd64" },
  "x86-64": { architecture: "amd64" },
  aarch64: { architecture: "arm64" },
  armhf: { architecture: "arm", variant: "v7" },
  armel: { architecture: "arm", variant: "v6" },
  i386: { architecture: "386" },
  i486: { architecture: "386" },
  i586: { architecture: "386" },
  i686: { architecture: "386" },
};

/** What an architecture is when nothing says its variant. */
const impliedVariants: Readonly<Record<string, string>> = { amd64: "v1", arm64: "v8", arm: "v7" };

/** One spelling a platform: x86_64 is amd64, arm is arm/v7; arm64's variant v8 and amd64's v1 are left away. */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === "macos" ? "darwin" : platform.os.toLowerCase();
  const lower = platform.architecture.toLowerCase();
  const { architecture, variant: implied } = spellings[lower] ?? { architecture: lower, variant: undefined };
  const stated = platform.variant?.toLowerCase() ?? "";
  const variant = implied ?? (/^\d+$/.test(stated) ? `v${stated}` : stated);
  const usual = impliedVariants[architecture];
  if (architecture === "arm") return { os, architecture, variant: variant === "" ? "v7" : variant };
  return { os, architecture, ...(variant !== "" && variant !== usual && { variant }) };
}

/** "linux/arm/v6", as it stands. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])].join("/");
}

const systems = "aix android darwin dragonfly freebsd hurd illumos ios js linux macos nacl netbsd openbsd plan9 solaris windows zos";
const architectures =
  "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm";

/**
 * Reads "os/arch[/variant]", or a system or an architecture alone, which takes the rest from `own`. Normalized.
 * @throws invalid, in Docker's words
 */
export function parsePlatform(text: string, own: Platform): Platform {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)))
    throw fault("invalid", `${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`);
  const [first = "", second, variant] = parts;
  if (second !== undefined) return normalizePlatform({ os: first, architecture: second, ...(variant !== undefined && { variant }) });
  if (systems.split(" ").includes(first)) return normalizePlatform({ ...own, os: first });
  const alone = normalizePlatform({ os: own.os, architecture: first });
  if (architectures.split(" ").includes(alone.architecture)) return alone;
  throw fault("invalid", `${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`);
}

/** True for one platform in two spellings. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

/** True when a machine that wants `wanted` can run `offered`: the same, an older variant, or the 32 bits below it. */
export function platformMatches(wanted: Platform, offered: Platform): boolean {
  return platformRank(wanted, offered) !== undefined;
}

/** The manifest of an index that suits `wanted` best (OCI image spec, image-index.md); attestations have platform unknown and never match. */
export function selectPlatform(wanted: Platform, manifests: readonly Descriptor[]): Descriptor | undefined {
  return nearestPlatform(wanted, manifests, ({ platform }) => platform);
}

/** Of several things for platforms the one that suits `wanted` best, the first of equals. */
export function nearestPlatform<T>(wanted: Platform, offers: readonly T[], platformOf: (offer: T) => Platform | undefined): T | undefined {
  let best: { readonly offer: T; readonly rank: number } | undefined;
  for (const offer of offers) {
    const platform = platformOf(offer);
    const rank = platform === undefined ? undefined : platformRank(wanted, platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { offer, rank };
  }
  return best?.offer;
}

/** Further from what was asked for than any variant is. */
const otherArchitecture = 100;
/** What processors of an architecture run beside their own (containerd's platform vectors): 64-bit ARM every ARM, amd64 what x86 was before. */
const narrower: Readonly<Record<string, Platform>> = {
  amd64: { os: "", architecture: "386" },
  arm64: { os: "", architecture: "arm", variant: "v8" },
};

/** How far `offered` lies below `wanted`, 0 being equal; undefined when it does not run there. */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const from = normalizePlatform(wanted);
  const to = normalizePlatform(offered);
  if (from.os !== to.os) return undefined;
  const same = variantRank(from, to);
  const below = narrower[from.architecture];
  if (same !== undefined || below === undefined) return same;
  const rank = variantRank(below, to);
  return rank === undefined ? undefined : rank + otherArchitecture;
}

function variantRank(wanted: Platform, offered: Platform): number | undefined {
  if (wanted.architecture !== offered.architecture) return undefined;
  const highest = variantNumber(wanted);
  const own = variantNumber(offered);
  if (highest === undefined || own === undefined) return wanted.variant === offered.variant ? 0 : undefined;
  return own <= highest ? highest - own : undefined;
}

function variantNumber({ architecture, variant = impliedVariants[architecture] ?? "v0" }: Platform): number | undefined {
  const match = /^v(\d+)$/.exec(variant);
  return match === null ? undefined : Number(match[1]);
}
