import { messageOf } from "#base";
import { parsePlatform, type Platform } from "#image";
import { type Flag, type FlagValues, text } from "./flag.ts";

/** `--platform` of whatever may pull an image. */
export const platformFlag: Flag = text("platform", "Set platform if server is multi-platform capable");

const own: Platform = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };

/** What the user wants: for this call, or always. The empty string leaves it to the daemon. */
export function chosenPlatform(flags: FlagValues): string {
  return flags.changed("platform") ? flags.text("platform") : (process.env["DOCKER_DEFAULT_PLATFORM"] ?? "");
}

/** A platform's text as it was said. @throws Error in Docker's words when it is none */
export function knownPlatform(text: string): string {
  try {
    if (text !== "") parsePlatform(text, own);
    return text;
  } catch (error) {
    throw new Error(`error parsing specified platform: ${messageOf(error)}`, { cause: error });
  }
}

/** Several platforms, each of which may be a list with commas. @throws Error in Docker's words */
export function platformsJson(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).flatMap((text) => platformJson(text) ?? []);
}

/** A platform as the API takes it in a query: JSON; undefined for "". @throws Error in Docker's words */
export function platformJson(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    const { architecture, os, variant } = parsePlatform(text, own);
    return JSON.stringify({ architecture, os, ...(variant !== undefined && { variant }) });
  } catch (error) {
    throw new Error(`invalid platform: ${messageOf(error)}`, { cause: error });
  }
}
