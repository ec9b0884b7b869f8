import { messageOf } from "#base";
import { csvFields } from "./csv-fields.ts";
import { ExitError } from "./usage-error.ts";

const where = "Failed to initialize: failed to set custom headers from DOCKER_CUSTOM_HEADERS environment variable";

/**
 * Reads DOCKER_CUSTOM_HEADERS: `name=value` fields of one CSV line. Undefined when it is empty, and HttpHeaders of config.json count.
 * @throws ExitError in Docker's words
 */
export function customHeaders(line: string): Readonly<Record<string, string>> | undefined {
  if (line === "") return undefined;
  const headers: Record<string, string> = {};
  for (const field of fieldsOf(line)) {
    const equals = field.indexOf("=");
    const name = field.slice(0, equals === -1 ? field.length : equals).trim();
    if (name === "") throw new ExitError(1, `${where}: value contains a key=value pair with an empty key: '${field}'`);
    if (equals === -1) throw new ExitError(1, `${where}: missing "=" in key=value pair: '${field}'`);
    headers[name] = field.slice(equals + 1);
  }
  return headers;
}

function fieldsOf(line: string): string[] {
  try {
    return csvFields(line);
  } catch (error) {
    throw new ExitError(1, `${where}: ${messageOf(error)}`, { cause: error });
  }
}
