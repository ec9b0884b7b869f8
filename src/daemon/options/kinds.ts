// What a setting's value is, and the three ways it is said: by a flag (maybe several times), in daemon.json by Go's rules, in an error.
import { isIP } from "node:net";
import { fault, messageOf } from "#base";
import { parseBool, parseBytes, parseInteger } from "#cli";
import { decoders, type Schema } from "#wire";

export interface Kind<T> {
  /** What help calls a flag's value: "string", "list". Empty for a switch. */
  readonly word: string;
  /** True where a flag that is given again adds to what it said. */
  readonly collects: boolean;
  /** From daemon.json. */
  readonly schema: Schema<T>;
  /** From the values of a flag, at least one. @throws Error in the words of Docker's flags */
  parse(values: readonly string[]): T;
  /** As Go prints it. */
  show(value: T): string;
}

const last = (values: readonly string[]): string => values.at(-1) ?? "";

export const text: Kind<string> = { word: "string", collects: false, schema: decoders.text, parse: last, show: String };

export const toggle: Kind<boolean> = {
  word: "",
  collects: false,
  schema: decoders.flag,
  parse: (values) => parseBool(last(values)),
  show: String,
};

export const integer: Kind<number> = {
  word: "int",
  collects: false,
  schema: decoders.int,
  parse: (values) => parseInteger(last(values)),
  show: String,
};

/** A list of texts; `check` refuses one of them. */
export function texts(check: (value: string) => void = () => undefined, word = "list"): Kind<readonly string[]> {
  return {
    word,
    collects: true,
    schema: decoders.list(decoders.text),
    parse(values) {
      for (const value of values) check(value);
      return values;
    },
    show: (values) => `[${values.join(" ")}]`,
  };
}

/** Bytes with a unit, in the file too: "64M". */
export const size: Kind<number> = {
  word: "bytes",
  collects: false,
  schema: converted(decoders.text, 0, parseBytes),
  parse: (values) => parseBytes(last(values)),
  show: String,
};

export const address: Kind<string> = {
  word: "ip",
  collects: false,
  schema: converted(decoders.text, "", (value) => checkAddress(value, `invalid IP address: ${value}`)),
  parse: (values) => checkAddress(last(values), `failed to parse IP: ${JSON.stringify(last(values))}`),
  show: String,
};

export const addresses: Kind<readonly string[]> = {
  word: "ipSlice",
  collects: true,
  schema: decoders.list(converted(decoders.text, "", (value) => checkAddress(value, `invalid IP address: ${value}`))),
  parse: (values) =>
    values
      .flatMap((value) => value.split(","))
      .map((value) => checkAddress(value.trim(), `invalid string being converted to IP address: ${value}`)),
  show: (values) => `[${values.join(" ")}]`,
};

/** "key=value" each; in the file an object of texts. */
export const pairs: Kind<Readonly<Record<string, string>>> = {
  word: "map",
  collects: true,
  schema: object(decoders.text),
  parse: (values) => Object.fromEntries(values.map(splitPair)),
  show: showMap,
};

/** "name" or "name=true"; in the file an object of truths. */
export const toggles: Kind<Readonly<Record<string, boolean>>> = {
  word: "map",
  collects: true,
  schema: object(decoders.flag),
  parse: (values) => Object.fromEntries(values.map(splitPair).map(([key, value]) => [key, value === "" ? true : parseBool(value)])),
  show: showMap,
};

/** An object whose members are read by one schema. */
export function object<T>(member: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return converted(decoders.record(member), {}, (members) => Object.fromEntries(members));
}

/** What another schema reads, made into something else; what cannot be is refused as Go's decoders refuse it. */
export function converted<From, To>(schema: Schema<From>, zero: To, convert: (value: From) => To): Schema<To> {
  return {
    type: schema.type,
    zero,
    read(value, trail) {
      const read = schema.read(value, trail);
      try {
        return convert(read);
      } catch (error) {
        throw fault("invalid", `invalid JSON: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

/** "a=b" in its two halves; the second is empty where there is no "=". */
export function splitPair(value: string): readonly [key: string, value: string] {
  const equals = value.indexOf("=");
  return equals === -1 ? [value, ""] : [value.slice(0, equals), value.slice(equals + 1)];
}

/** A map as Go prints it: "map[a:1 b:2]". */
export function showMap(value: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${String(value[key])}`);
  return `map[${members.join(" ")}]`;
}

function checkAddress(value: string, refusal: string): string {
  if (value !== "" && isIP(value) === 0) throw new Error(refusal);
  return value;
}
