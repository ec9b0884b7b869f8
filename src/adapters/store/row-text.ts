// A row as text. JSON, with two rules: a bigint is {"$bigint":"-12"}, and a key of the row's own that begins with "$" gets one more "$".
// So a label called "$bigint" stays a label.

const dollar = 0x24;

/** @throws TypeError for what JSON would silently change: maps, dates, bytes, functions */
export function encodeRow(row: unknown): string {
  if (row === undefined) throw new TypeError("a row cannot be undefined");
  return JSON.stringify(encodeValue(row));
}

export function decodeRow(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && text.includes('"$') ? decodeValue(parsed) : parsed;
}

/** The value itself where nothing in it needs another form. */
function encodeValue(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`a row cannot hold a ${typeof value}`);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encodeValue);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`a row cannot hold a ${value.constructor.name}`);
  let copy: object | undefined;
  let isRenamed = false;
  for (const key of Object.keys(value)) {
    isRenamed ||= key.charCodeAt(0) === dollar;
    const item: unknown = (value as Record<string, unknown>)[key];
    const encoded = encodeValue(item);
    if (encoded === item) continue;
    copy ??= Object.fromEntries(Object.entries(value));
    define(copy, key, encoded);
  }
  return isRenamed ? renameKeys(copy ?? value, (key) => `$${key}`) : (copy ?? value);
}

/** In place, since most of a row is as it should be. */
function decodeValue(value: object): unknown {
  if ("$bigint" in value && typeof value.$bigint === "string") return BigInt(value.$bigint);
  let isRenamed = false;
  for (const key of Object.keys(value)) {
    isRenamed ||= key.charCodeAt(0) === dollar;
    const item: unknown = (value as Record<string, unknown>)[key];
    if (typeof item !== "object" || item === null) continue;
    const decoded = decodeValue(item);
    if (decoded !== item) define(value, key, decoded);
  }
  return isRenamed && !Array.isArray(value) ? renameKeys(value, (key) => key.slice(1)) : value;
}

/** Not by assignment: a key called "__proto__" stays a key. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** `fromEntries` defines its keys, so one called "__proto__" stays a key. */
function renameKeys(value: object, rename: (key: string) => string): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.startsWith("$") ? rename(key) : key, item]));
}
