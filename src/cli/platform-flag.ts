import { type Flag, type FlagValues, text } from "./flag.ts";

/** `--platform` of whatever may pull an image. */
export const platformFlag: Flag = text("platform", "Set platform if server is multi-platform capable");

/** What the user wants: for this call, or always. The empty string leaves it to the daemon. */
export function chosenPlatform(flags: FlagValues): string {
  return flags.changed("platform") ? flags.text("platform") : (process.env["DOCKER_DEFAULT_PLATFORM"] ?? "");
}
