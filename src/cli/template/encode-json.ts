import {
  GoInterface,
  GoMap,
  GoPointer,
  GoRow,
  GoScalar,
  GoSlice,
  GoStruct,
  isTrue,
  jsonNumberType,
  type GoValue,
  type Scalar,
} from "./value.ts";
import { goJson } from "../json-text.ts";

/** A value as Docker's `json` function writes it: the fields of a struct in its order, keys of a map by name, `<` as it is. */
export function jsonOf(value: GoValue): string {
  if (value === undefined) return "null";
  if (value instanceof GoInterface) return jsonOf(value.value);
  if (value instanceof GoPointer) return jsonOf(value.target);
  if (value instanceof GoMap) {
    if (value.isNil) return "null";
    return `{${[...value.entries].map(([key, element]) => `${textJson(key)}:${jsonOf(element)}`).join(",")}}`;
  }
  if (value instanceof GoSlice) return value.isNil ? "null" : `[${value.items.map(jsonOf).join(",")}]`;
  // The registry's settings go through a map in Docker, which sorts them.
  if (value instanceof GoStruct)
    return `{${(value.type.name.startsWith("registry.") ? members(value).toSorted() : members(value)).join(",")}}`;
  if (value instanceof GoRow) return goJson(value.cells);
  if (value instanceof GoScalar) return value.type === jsonNumberType ? String(value.value) : scalarJson(value.value);
  return scalarJson(value);
}

function members(struct: GoStruct): string[] {
  return (struct.type.fields ?? []).flatMap((field) => {
    const value = struct.values.get(field.name);
    const inner = value instanceof GoPointer ? value.target : value;
    if (field.embedded) return inner instanceof GoStruct ? members(inner) : [];
    if (field.json === "-" || (field.omitEmpty && isEmpty(value))) return [];
    return [`${textJson(field.json)}:${jsonOf(value)}`];
  });
}

function isEmpty(value: GoValue): boolean {
  return !(value instanceof GoStruct) && !isTrue(value);
}

function scalarJson(value: Scalar): string {
  if (typeof value === "string") return textJson(value);
  return typeof value === "number" ? numberJson(value) : String(value);
}

/** Go writes floats below 1e-6 and from 1e21 on with an exponent, as JavaScript does. */
function numberJson(value: number): string {
  return String(value).replace(/e([+-])0*(\d)$/, "e$1$2");
}

function textJson(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
