import { fault, messageOf } from "#base";
import type { Platform } from "#image";
import { decode, parseJson, platformRequest } from "#wire";

const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64", armhf: "arm" };

/** Reads "os/arch[/variant]", or one of them alone. @throws invalid, in Docker's words */
export function parsePlatform(text: string | undefined): Platform | undefined {
  if (text === undefined || text === "") return undefined;
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)))
    throw fault("invalid", `${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`);
  const [first = "", second, variant] = parts;
  if (second === undefined) {
    if (first === "linux" || first === "windows") return { os: first, architecture: hostArchitecture() };
    return { os: "linux", architecture: architectures[first] ?? first };
  }
  return { os: first, architecture: architectures[second] ?? second, ...(variant !== undefined && { variant }) };
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

function hostArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}
