// JSON that came from outside. JSON.parse keeps the last of two equal keys while other readers keep the first, so one
// digest could mean two images (advisory class "ambiguous manifest"); such a text is refused here, once, for every document.
import { fault } from "#base";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses one JSON object. @throws invalid, naming `what`, when it is no UTF-8, no JSON, no object, or says a key twice */
export function parseJsonObject(bytes: Uint8Array, what: string): JsonObject {
  const value = parseJson(bytes, what);
  if (!isJsonObject(value)) throw fault("invalid", `${what} is not a JSON object`);
  return value;
}

/** As parseJsonObject, for a document of any shape. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw fault("invalid", `${what} is not valid JSON`, { cause });
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw fault("invalid", `${what} says the key ${JSON.stringify(twice)} twice`);
  return value;
}

/** True for an object that is neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** The first key that one object of a valid JSON text holds twice. */
function repeatedKey(text: string): string | undefined {
  const scopes: (Set<string> | undefined)[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{") scopes.push(new Set());
    else if (token === "[") scopes.push(undefined);
    else if (token === "}" || token === "]") scopes.pop();
    else if (token === ":" && last !== undefined) {
      const key = JSON.parse(last) as string;
      const keys = scopes.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
    last = token.startsWith('"') ? token : undefined;
  }
  return undefined;
}
