import { fault, type EngineError } from "#base";
import { isJsonObject, JsonNumber, type JsonValue } from "./json.ts";

/** Where the decoder stands, and what it met on its way. */
export interface Trail {
  /** Go's name of the outermost struct; "" where Go leaves it out. */
  readonly root: string;
  readonly path: readonly string[];
  /** Paths of fields that no schema knows and that hold more than null, false, 0 or empty. */
  readonly unknown: string[];
  readonly present: Set<string>;
  /** Go speaks of a struct field, but not for the elements of a list. */
  readonly inList: boolean;
}

/** How one type is read from JSON. `zero` is what null and absence mean, as in Go. */
export interface Schema<Value> {
  /** Go's name of the type, for its error sentence. */
  readonly type: string;
  readonly zero: Value;
  /** What it is made of, so that a walk over a schema reaches every field. */
  readonly inside?: Inside;
  read(value: JsonValue, trail: Trail): Value;
}

export type Inside =
  | { readonly kind: "struct"; readonly fields: Readonly<Record<string, Schema<unknown>>> }
  | { readonly kind: "list" | "record"; readonly item: Schema<unknown> };

export type Decoded<S> = S extends Schema<infer Value> ? Value : never;

export interface Document<Value> {
  readonly value: Value;
  readonly unknown: readonly string[];
  /** Fields of the outermost struct that the document holds, and not as null. */
  readonly present: ReadonlySet<string>;
}

/**
 * Reads a document by Go's rules: keys match without case, null is zero, unknown fields are accepted and reported.
 * @throws invalid, in Go's words, with the path of the field
 */
export function decode<Value>(schema: Schema<Value>, document: JsonValue, root = ""): Document<Value> {
  const trail: Trail = { root, path: [], unknown: [], present: new Set(), inList: false };
  return { value: schema.read(document, trail), unknown: trail.unknown, present: trail.present };
}

export const text: Schema<string> = scalar("string", "", (value) => (typeof value === "string" ? value : undefined));
export const flag: Schema<boolean> = scalar("bool", false, (value) => (typeof value === "boolean" ? value : undefined));
export const int64: Schema<number> = integer("int64", -(2n ** 63n), 2n ** 63n - 1n);
export const int: Schema<number> = integer("int", -(2n ** 63n), 2n ** 63n - 1n);
export const uint: Schema<number> = integer("uint", 0n, 2n ** 64n - 1n);
export const uint64: Schema<number> = integer("uint64", 0n, 2n ** 64n - 1n);
export const uint16: Schema<number> = integer("uint16", 0n, 65_535n);
/** What Go reads into `struct{}`: any object, with nothing kept. */
export const emptyStruct: Schema<true> = {
  type: "struct {}",
  zero: true,
  read(value, trail) {
    if (value !== null && !isJsonObject(value)) throw mismatch(value, "struct {}", trail);
    return true;
  },
};

/** A file mode, as Go's io/fs has it. */
export const fileMode: Schema<number> = integer("fs.FileMode", 0n, 2n ** 32n - 1n);

/** A text type with a name of its own in Go ("mount.Type"). */
export function named(type: string): Schema<string> {
  return scalar(type, "", (value) => (typeof value === "string" ? value : undefined));
}

/** A list; null is the empty list. */
export function list<Item>(item: Schema<Item>, type = `[]${item.type}`): Schema<readonly Item[]> {
  return {
    type,
    zero: [],
    inside: { kind: "list", item },
    read(value, trail) {
      if (value === null) return [];
      if (!isList(value)) throw mismatch(value, type, trail);
      return value.map((member, index) => item.read(member, { ...under(trail, String(index)), inList: true }));
    },
  };
}

/** A map with text keys; null is the empty map. */
export function record<Item>(item: Schema<Item>, type = `map[string]${item.type}`): Schema<ReadonlyMap<string, Item>> {
  return {
    type,
    zero: new Map(),
    inside: { kind: "record", item },
    read(value, trail) {
      if (value === null) return new Map();
      if (!isJsonObject(value)) throw mismatch(value, type, trail);
      return new Map(value.members.map(([key, member]) => [key, item.read(member, under(trail, key))]));
    },
  };
}

/** A pointer or slice whose absence means something else than its zero: absent and null are undefined. */
export function optional<Value>(schema: Schema<Value>): Schema<Value | undefined> {
  return {
    type: schema.type,
    zero: undefined,
    ...(schema.inside !== undefined && { inside: schema.inside }),
    read: (value, trail) => (value === null ? undefined : schema.read(value, trail)),
  };
}

/** Docker's StrSlice: a list of texts, or one text for a list of one. */
export const stringOrStrings: Schema<readonly string[]> = {
  type: "[]string",
  zero: [],
  read(value) {
    if (value === null) return [];
    if (isList(value)) {
      const strange = value.find((member) => typeof member !== "string");
      if (strange === undefined) return value.filter((member) => typeof member === "string");
    }
    if (typeof value === "string") return [value];
    throw fault("invalid", `invalid JSON: json: cannot unmarshal ${kindOf(value)} into Go value of type string`);
  },
};

type Fields = Readonly<Record<string, Schema<unknown>>>;
export type Struct<F extends Fields> = { readonly [Name in keyof F]: Decoded<F[Name]> };

/** A struct: every field is there after decoding. */
export function struct<F extends Fields>(type: string, fields: F): Schema<Struct<F>> {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const zero = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema.zero])) as Struct<F>;
  return {
    type,
    zero,
    inside: { kind: "struct", fields },
    read(value, trail) {
      if (value === null) return zero;
      if (!isJsonObject(value)) throw mismatch(value, type, trail);
      const result: Record<string, unknown> = { ...zero };
      for (const [key, member] of value.members) {
        const name = names.get(key.toLowerCase());
        const schema = name === undefined ? undefined : fields[name];
        const inner = under(trail, name ?? key);
        if (trail.path.length === 0 && name !== undefined && member !== null) trail.present.add(name);
        if (name !== undefined && schema !== undefined) result[name] = schema.read(member, inner);
        else if (holdsSomething(member)) trail.unknown.push(inner.path.join("."));
      }
      return result as Struct<F>;
    },
  };
}

function scalar<Value>(type: string, zero: Value, take: (value: JsonValue) => Value | undefined): Schema<Value> {
  return {
    type,
    zero,
    read(value, trail) {
      if (value === null) return zero;
      const taken = take(value);
      if (taken === undefined) throw mismatch(value, type, trail);
      return taken;
    },
  };
}

function integer(type: string, lowest: bigint, highest: bigint): Schema<number> {
  return {
    type,
    zero: 0,
    read(value, trail) {
      if (value === null) return 0;
      if (!(value instanceof JsonNumber)) throw mismatch(value, type, trail);
      if (!/^-?[0-9]+$/.test(value.text)) throw mismatch(value, type, trail, ` ${value.text}`);
      const exact = BigInt(value.text);
      if (exact < lowest || exact > highest) throw mismatch(value, type, trail, ` ${value.text}`);
      if (exact > BigInt(Number.MAX_SAFE_INTEGER) || exact < BigInt(Number.MIN_SAFE_INTEGER))
        throw fault(
          "invalid",
          `invalid value for ${trail.path.join(".")}: ${value.text} is beyond ${Number.MAX_SAFE_INTEGER}, the largest supported`,
        );
      return Number(exact);
    },
  };
}

function under(trail: Trail, key: string): Trail {
  return { ...trail, path: [...trail.path, key], inList: false };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function kindOf(value: JsonValue): string {
  if (value instanceof JsonNumber) return "number";
  if (isList(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function mismatch(value: JsonValue, type: string, trail: Trail, literal = ""): EngineError {
  const pointer = trail.path.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join(".");
  const place = pointer === "" ? "Go value" : `${trail.inList ? "" : "Go struct field "}${trail.root}.${pointer}`;
  return fault("invalid", `invalid JSON: json: cannot unmarshal ${kindOf(value)}${literal} into ${place} of type ${type}`);
}

function holdsSomething(value: JsonValue): boolean {
  if (value instanceof JsonNumber) return !/^-?[0.]+(?:[eE].*)?$/.test(value.text);
  if (isList(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return value.members.length > 0;
  return value !== null && value !== false && value !== "";
}

/** The schemas that other rooms build theirs from. */
export const decoders = { text, flag, int, list, record, struct, optional } as const;
