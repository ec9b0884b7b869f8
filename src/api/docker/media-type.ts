import { fault } from "#base";

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const mediaType = new RegExp(`^(${token})(?:/(${token}))?$`);

/** @throws invalid, in Docker's words, unless a body says that it is JSON */
export function checkJsonType(header: string | undefined): void {
  const given = header ?? "";
  const bare = (given.split(";")[0] ?? "").trim();
  if (bare === "") throw fault("invalid", `malformed Content-Type header (${given}): mime: no media type`);
  if (!mediaType.test(bare))
    throw fault("invalid", `malformed Content-Type header (${given}): mime: unexpected content after media subtype`);
  if (bare.toLowerCase() !== "application/json")
    throw fault("invalid", `unsupported Content-Type header (${bare}): must be 'application/json'`);
}
