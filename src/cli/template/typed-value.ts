import { neverHappened } from "#base";
import { isJsonObject, JsonNumber, parseJson, type JsonObject, type JsonValue } from "#wire";
import { goType } from "./go-type-table.ts";
import {
  anyType,
  GoMap,
  GoPointer,
  GoScalar,
  GoSlice,
  GoStruct,
  jsonNumberType,
  mapOf,
  sliceOf,
  zeroOf,
  type GoType,
  type GoValue,
} from "./value.ts";

/** JSON read into one of Docker's types: what is missing is the zero of its type, what the type does not know is left out. */
export function typedValue(typeName: string, json: string): GoValue {
  return typed(goType(typeName), parseJson(json));
}

const anyMap = mapOf(anyType);
const anySlice = sliceOf(anyType);

/** JSON as Go reads it where no type is known: maps, slices, and numbers that keep their text. @throws EngineError */
export function untypedValue(json: string): GoValue {
  return untyped(parseJson(json));
}

function untyped(value: JsonValue): GoValue {
  if (value === null) return undefined;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof JsonNumber) return new GoScalar(jsonNumberType, value.text);
  if (isJsonObject(value)) return new GoMap(anyMap, new Map(value.members.map(([key, member]) => [key, untyped(member)])));
  return new GoSlice(anySlice, value.map(untyped));
}

function typed(type: GoType, json: JsonValue): GoValue {
  if (json === null) return zeroOf(type);
  switch (type.kind) {
    case "pointer":
      return new GoPointer(type, type.element === undefined ? undefined : typed(type.element, json));
    case "slice":
      return Array.isArray(json)
        ? new GoSlice(
            type,
            json.map((item: JsonValue) => typed(type.element ?? anyType, item)),
          )
        : zeroOf(type);
    case "map":
      if (!isJsonObject(json)) return zeroOf(type);
      return new GoMap(type, new Map(json.members.map(([key, member]) => [key, typed(type.element ?? anyType, member)])));
    case "struct":
      if (type.name === "time.Time") return new GoScalar(type, typeof json === "string" ? json : neverHappened);
      return isJsonObject(json) ? typedStruct(type, json) : zeroOf(type);
    case "interface":
      return untyped(json);
    case "bool":
    case "int":
    case "uint":
    case "float":
    case "string":
    case "func":
    default:
      return typedScalar(type, json);
  }
}

function typedStruct(type: GoType, json: JsonObject): GoStruct {
  const members = new Map(json.members);
  const folded = new Map(json.members.map(([key, member]) => [key.toLowerCase(), member]));
  const fields = (type.fields ?? []).map((field): [string, GoValue] => {
    if (field.embedded) return [field.name, typed(field.type, json)];
    const member = members.get(field.json) ?? folded.get(field.json.toLowerCase());
    return [field.name, typed(field.type, member ?? null)];
  });
  return new GoStruct(type, new Map(fields));
}

function typedScalar(type: GoType, json: JsonValue): GoValue {
  if (json instanceof JsonNumber) {
    if (type.kind === "float") return Number(json.text);
    if (!/^-?\d+$/.test(json.text)) return zeroOf(type);
    return type.name === "int" ? BigInt(json.text) : new GoScalar(type, BigInt(json.text));
  }
  if (typeof json === "boolean" && type.kind === "bool") return json;
  if (typeof json !== "string" || type.kind !== "string") return zeroOf(type);
  return type.name === "string" ? json : new GoScalar(type, json);
}
