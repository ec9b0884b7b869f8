import { namedTable, structTable } from "./docker-types.ts";
import { durationText } from "./go-duration.ts";
import {
  anyType,
  boolType,
  floatType,
  intType,
  mapOf,
  pointerTo,
  sliceOf,
  scalarOf,
  stringType,
  type GoField,
  type GoStruct,
  type GoType,
  type Kind,
} from "./value.ts";

const basic: Readonly<Record<string, GoType>> = { string: stringType, bool: boolType, int: intType, float64: floatType, any: anyType };

/** Types that print in their own way. */
const special: Readonly<Record<string, GoType>> = {
  "time.Duration": { kind: "int", name: "time.Duration", text: (value) => (typeof value === "bigint" ? durationText(value) : "") },
  "time.Time": { kind: "struct", name: "time.Time", text: (value) => instantText(String(value)) },
  "*registry.NetIPNet": { kind: "string", name: "*registry.NetIPNet", text: String },
  "digest.Digest": { kind: "string", name: "digest.Digest", text: String },
};

/** How structs with a String method print. */
const structTexts: Readonly<Record<string, (struct: GoStruct) => string>> = {
  "units.Ulimit": (limit) => `${field(limit, "Name")}=${field(limit, "Soft")}:${field(limit, "Hard")}`,
  "blkiodev.ThrottleDevice": (device) => `${field(device, "Path")}:${field(device, "Rate")}`,
  "blkiodev.WeightDevice": (device) => `${field(device, "Path")}:${field(device, "Weight")}`,
};

const known = new Map<string, GoType>();
let structs: ReadonlyMap<string, string> | undefined;
let named: ReadonlyMap<string, string> | undefined;

/** A type by the name that Go gives it: "container.InspectResponse", "*container.State", "map[string]string". */
export function goType(name: string): GoType {
  const found = basic[name] ?? special[name] ?? known.get(name);
  if (found !== undefined) return found;
  const type = madeType(name);
  known.set(name, type);
  return type;
}

function madeType(name: string): GoType {
  structs ??= lines(structTable);
  named ??= lines(namedTable);
  const fields = structs.get(name);
  if (fields !== undefined) return structType(name, fields);
  const base = named.get(name);
  if (base !== undefined) return { ...goType(base), name };
  if (name.startsWith("*")) return pointerTo(goType(name.slice(1)));
  const array = /^\[\d*\]/.exec(name)?.[0];
  if (array !== undefined) return { ...sliceOf(goType(name.slice(array.length))), name };
  const map = /^map\[([^\]]+)\](.+)$/.exec(name);
  if (map?.[1] !== undefined && map[2] !== undefined) return mapOf(goType(map[2]), goType(map[1]));
  const kind = /^(u?int)\d+$/.exec(name)?.[1] as Kind | undefined;
  return { kind: kind ?? (name === "uint" ? "uint" : "string"), name };
}

/** A struct, whose fields are read when they are first asked for: types hold each other. */
function structType(name: string, line: string): GoType {
  let fields: readonly GoField[] | undefined;
  const structText = structTexts[name];
  return {
    kind: "struct",
    name,
    get fields(): readonly GoField[] {
      fields ??= line === "" ? [] : line.split("; ").map(parseField);
      return fields;
    },
    ...(structText && { structText }),
  };
}

function parseField(text: string): GoField {
  const [, plus, name = "", key, question, type = ""] = /^(\+?)(\w+)(?::([^? ]+))?(\??) (.+)$/.exec(text) ?? [];
  return { name, json: key ?? name, type: goType(type), omitEmpty: question === "?", embedded: plus === "+" };
}

function lines(table: string): Map<string, string> {
  return new Map(
    table
      .trim()
      .split("\n")
      .map((line) => {
        const at = line.indexOf(" =");
        return [line.slice(0, at), line.slice(at + 3)];
      }),
  );
}

function field(struct: GoStruct, name: string): string {
  return String(scalarOf(struct.values.get(name)) ?? "");
}

/** "2026-11-21 08:04:15.5 +0000 UTC" for an instant in RFC 3339. */
function instantText(instant: string): string {
  const [, day, time, fraction = "", zone = "Z"] = /^(\S+)T(\d\d:\d\d:\d\d)(\.\d+)?(.*)$/.exec(instant) ?? [];
  const offset = zone === "Z" ? "+0000 UTC" : `${zone.replace(":", "")} ${zone.replace(":", "")}`;
  return `${day} ${time}${fraction.replace(/0+$/, "")} ${offset}`;
}
