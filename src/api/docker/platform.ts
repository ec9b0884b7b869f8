import { fault, messageOf } from "#base";
import { parsePlatform, type Platform } from "#image";
import { decode, parseJson, platformRequest } from "#wire";

const own: Platform = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };

/** Reads "os/arch[/variant]", or one of them alone; nothing is no platform. @throws invalid, in Docker's words */
export function platformOfText(text: string | undefined): Platform | undefined {
  return text === undefined || text === "" ? undefined : parsePlatform(text, own);
}

/** Reads a platform as JSON. @throws invalid, in Docker's words */
export function parseJsonPlatform(given: string | undefined): Platform | undefined {
  if (given === undefined || given === "") return undefined;
  try {
    const { os, architecture, variant } = decode(platformRequest, parseJson(given)).value;
    if (os === "" || architecture === "") throw fault("invalid", "invalid JSON: both OS and Architecture must be provided");
    return { os, architecture, ...(variant !== "" && { variant }) };
  } catch (error) {
    throw fault("invalid", `failed to parse platform: ${messageOf(error).replace(/^invalid JSON: /, "")}`, { cause: error });
  }
}
