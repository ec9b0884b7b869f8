// index, slice and len.
import { element, typeName, type TemplateFunction } from "./function.ts";
import { GoMap, GoScalar, GoSlice, indirect, scalarOf, typeOf, uint8Type, unwrapInterface, zeroOf, type GoValue } from "./value.ts";

export const indexFunction: TemplateFunction = {
  parameters: ["value", "value"],
  variadic: true,
  call: ([collection, ...indexes]) => {
    let item = unwrapInterface(collection);
    if (item === undefined) throw new Error("index of untyped nil");
    for (const index of indexes) item = oneIndex(item, unwrapInterface(index));
    return item;
  },
};

function oneIndex(collection: GoValue, index: GoValue): GoValue {
  const { value, isNil } = indirect(collection);
  if (isNil) throw new Error("index of nil pointer");
  if (value instanceof GoMap) return mapIndex(value, index);
  const text = scalarOf(value);
  if (value instanceof GoSlice)
    return element(value.type, value.items[inside(position(index, value.items.length), value.items.length, "slice")]);
  if (typeof text !== "string") throw new Error(`can't index item of type ${typeName(value)}`);
  const bytes = Buffer.from(text);
  return new GoScalar(uint8Type, BigInt(bytes[inside(position(index, bytes.length), bytes.length, "string")] ?? 0));
}

function mapIndex(map: GoMap, index: GoValue): GoValue {
  const keyType = map.type.key?.name ?? "string";
  if (index === undefined) throw new Error(`value is nil; should be of type ${keyType}`);
  if (typeOf(index).name !== keyType) throw new Error(`value has type ${typeName(index)}; should be ${keyType}`);
  const key = String(scalarOf(index));
  if (map.entries.has(key)) return element(map.type, map.entries.get(key));
  return map.type.element === undefined ? undefined : zeroOf(map.type.element);
}

/** A whole number from 0 to the length, as the bound of a slice may have it. */
function position(index: GoValue, length: number): number {
  if (index === undefined) throw new Error("cannot index slice/array with nil");
  const at = scalarOf(index);
  if (typeof at !== "bigint") throw new Error(`cannot index slice/array with type ${typeName(index)}`);
  if (at < 0n || at > BigInt(length)) throw new Error(`index out of range: ${at}`);
  return Number(at);
}

/** The same, where the length itself is too far: Go's own run time complains then. */
function inside(at: number, length: number, kind: "slice" | "string"): number {
  if (at === length) throw new Error(`reflect: ${kind} index out of range`);
  return at;
}

export const sliceFunction: TemplateFunction = {
  parameters: ["value", "value"],
  variadic: true,
  call: ([collection, ...indexes]) => {
    const given = unwrapInterface(collection);
    if (given === undefined) throw new Error("slice of untyped nil");
    const { value, isNil } = indirect(given);
    if (isNil) throw new Error("slice of nil pointer");
    if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
    const text = scalarOf(value);
    if (typeof text === "string" && indexes.length === 3) throw new Error("cannot 3-index slice a string");
    if (typeof text !== "string" && !(value instanceof GoSlice)) throw new Error(`can't slice item of type ${typeName(value)}`);
    const whole = value instanceof GoSlice ? value.items : Buffer.from(typeof text === "string" ? text : "");
    const [from = 0, to = whole.length, cap = whole.length] = indexes.map((index) => position(unwrapInterface(index), whole.length));
    if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
    if (to > cap) throw new Error(`invalid slice index: ${to} > ${cap}`);
    if (value instanceof GoSlice) return new GoSlice(value.type, value.items.slice(from, to));
    const cut = Buffer.from(typeof text === "string" ? text : "")
      .subarray(from, to)
      .toString();
    return value instanceof GoScalar ? new GoScalar(value.type, cut) : cut;
  },
};

export const lenFunction: TemplateFunction = {
  parameters: ["value"],
  call: ([given]) => {
    const { value, isNil } = indirect(given);
    if (isNil) throw new Error("len of nil pointer");
    if (value === undefined) throw new Error("reflect: call of reflect.Value.Type on zero Value");
    if (value instanceof GoMap) return BigInt(value.entries.size);
    if (value instanceof GoSlice) return BigInt(value.items.length);
    const text = scalarOf(value);
    if (typeof text === "string") return BigInt(Buffer.byteLength(text));
    throw new Error(`len of type ${typeName(value)}`);
  },
};
