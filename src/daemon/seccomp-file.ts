import { readFileSync } from "node:fs";
import { fault, messageOf } from "#base";
import { parseSeccompProfile, type SeccompProfile } from "#container";

/** The profile in a file, in Docker's format. @throws invalid, naming the file */
export function readSeccompFile(path: string): SeccompProfile {
  try {
    return parseSeccompProfile(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw fault("invalid", `opening seccomp profile (${path}) failed: ${messageOf(error)}`, { cause: error });
  }
}
