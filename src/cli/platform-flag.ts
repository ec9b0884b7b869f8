import { normalizePlatform } from "#image";
import { type Flag, type FlagValues, text } from "./flag.ts";

/** `--platform` of whatever may pull an image. */
export const platformFlag: Flag = text("platform", "Set platform if server is multi-platform capable");

/** What the user wants: for this call, or always. The empty string leaves it to the daemon. */
export function chosenPlatform(flags: FlagValues): string {
  return flags.changed("platform") ? flags.text("platform") : (process.env["DOCKER_DEFAULT_PLATFORM"] ?? "");
}

/** A platform as the API takes it in a query: JSON; undefined for "". @throws Error in Docker's words */
export function platformJson(text: string): string | undefined {
  if (text === "") return undefined;
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)))
    throw new Error(`invalid platform: ${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`);
  const [first = "", second, variant] = parts;
  const own = process.arch === "x64" ? "amd64" : process.arch;
  const isSystem = ["linux", "windows", "darwin", "freebsd"].includes(first);
  const [os, architecture] = second === undefined ? (isSystem ? [first, own] : ["linux", first]) : [first, second];
  return JSON.stringify(normalizePlatform({ os, architecture, ...(variant !== undefined && { variant }) }));
}
