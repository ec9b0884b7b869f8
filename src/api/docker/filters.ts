import { fault, messageOf } from "#base";
import { isJsonObject, parseJson, type JsonValue } from "#wire";

/** Values by key, as a client's filters parameter has them. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Reads `{"key":{"value":true}}` or, older, `{"key":["value"]}`. @throws invalid "invalid filter" */
export function parseFilters(text: string | undefined): Filters {
  if (text === undefined || text === "") return new Map();
  const document = readDocument(text);
  if (document === null) return new Map();
  if (!isJsonObject(document)) throw fault("invalid", "invalid filter");
  return new Map(document.members.map(([key, value]) => [key, valuesOf(value)]));
}

/**
 * Refuses keys that Docker does not know, and those of Docker's that are not carried out yet.
 * @throws invalid; unsupported, naming the filter
 */
export function checkFilterKeys(filters: Filters, known: { readonly here: readonly string[]; readonly dockers: readonly string[] }): void {
  for (const key of filters.keys()) {
    if (known.here.includes(key)) continue;
    if (known.dockers.includes(key)) throw fault("unsupported", `filter '${key}' is not implemented`);
    throw fault("invalid", `invalid filter '${key}'`);
  }
}

/** A filter that is true or false. @throws invalid in Docker's words */
export function flagOf(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key);
  if (values === undefined || values.length === 0) return undefined;
  const truths = new Set(values.map((value) => truthOf(value)));
  const [truth] = truths;
  if (truths.size !== 1 || truth === undefined) throw fault("invalid", `invalid filter '${key}=[${values.join(" ")}]'`);
  return truth;
}

function truthOf(value: string): boolean | undefined {
  if (value === "1" || value === "true") return true;
  return value === "0" || value === "false" ? false : undefined;
}

function readDocument(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw fault("invalid", "invalid filter", { cause: messageOf(error) });
  }
}

function valuesOf(value: JsonValue): readonly string[] {
  if (isJsonObject(value)) {
    if (value.members.some(([, member]) => typeof member !== "boolean")) throw fault("invalid", "invalid filter");
    return value.members.map(([key]) => key);
  }
  if (!Array.isArray(value)) throw fault("invalid", "invalid filter");
  return value.map((member: unknown) => {
    if (typeof member !== "string") throw fault("invalid", "invalid filter");
    return member;
  });
}
