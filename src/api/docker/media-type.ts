import { fault } from "#base";

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const mediaType = new RegExp(`^${token}(?:/${token})?$`);
const parameters = new RegExp(`^(?:\\s*;\\s*${token}=(?:${token}|"(?:[^"\\\\]|\\\\.)*"))*\\s*;?\\s*$`);

/** @throws invalid, in Docker's words, unless a body says that it is JSON */
export function checkJsonType(header: string | undefined): void {
  const given = header ?? "";
  const bare = (given.split(";")[0] ?? "").trim();
  const reason = malformation(bare, given.slice(given.indexOf(bare) + bare.length));
  if (reason !== undefined) throw fault("invalid", `malformed Content-Type header (${given}): mime: ${reason}`);
  if (bare.toLowerCase() !== "application/json")
    throw fault("invalid", `unsupported Content-Type header (${bare}): must be 'application/json'`);
}

function malformation(bare: string, rest: string): string | undefined {
  if (bare === "") return "no media type";
  if (bare.endsWith("/")) return "expected token after slash";
  if (!mediaType.test(bare)) return "unexpected content after media subtype";
  return parameters.test(rest) ? undefined : "invalid media parameter";
}
