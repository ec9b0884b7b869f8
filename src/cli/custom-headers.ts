import { ExitError } from "./usage-error.ts";

const where = "Failed to initialize: failed to set custom headers from DOCKER_CUSTOM_HEADERS environment variable";

/**
 * Reads DOCKER_CUSTOM_HEADERS: `name=value` fields of one CSV line. Undefined when it is empty, and HttpHeaders of config.json count.
 * @throws ExitError in Docker's words
 */
export function customHeaders(line: string): Readonly<Record<string, string>> | undefined {
  if (line === "") return undefined;
  const headers: Record<string, string> = {};
  for (const field of csvFields(line)) {
    const equals = field.indexOf("=");
    const name = field.slice(0, equals === -1 ? field.length : equals).trim();
    if (name === "") throw new ExitError(1, `${where}: value contains a key=value pair with an empty key: '${field}'`);
    if (equals === -1) throw new ExitError(1, `${where}: missing "=" in key=value pair: '${field}'`);
    headers[name] = field.slice(equals + 1);
  }
  return headers;
}

/** Fields of one line of CSV (RFC 4180): a field in quotes may hold commas, and quotes twice. */
function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (let rest = line; ;) {
    const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(rest);
    if (quoted === null && rest.startsWith('"'))
      throw new ExitError(1, `parse error on line 1, column ${line.length}: extraneous or missing " in quoted-field`);
    const plain = rest.indexOf(",");
    const length = quoted?.[0].length ?? (plain === -1 ? rest.length : plain + 1);
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? rest.slice(0, plain === -1 ? rest.length : plain));
    if (length >= rest.length && !rest.slice(0, length).endsWith(",")) return fields;
    rest = rest.slice(length);
  }
}
