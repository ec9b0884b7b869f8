// The values that a template sees, with the types that Go would give them: what prints, what compares and what an error
// says of a value all hang on its type. A string, a boolean, a bigint (int) and a number (float64) stand for themselves,
// everything else is one of the classes below, and undefined is the value that is not there (`<no value>`).

import { neverHappened } from "#base";

export type Kind = "bool" | "int" | "uint" | "float" | "string" | "map" | "slice" | "pointer" | "struct" | "interface" | "func";

export interface GoType {
  readonly kind: Kind;
  /** As Go prints it: "map[string]string", "*container.State". */
  readonly name: string;
  /** Of a map, slice or pointer. */
  readonly element?: GoType;
  /** Of a map. */
  readonly key?: GoType;
  readonly fields?: readonly GoField[];
  /** How %v shows a value, for types with a String method. */
  readonly text?: (value: Scalar) => string;
  /** The same for structs. */
  readonly structText?: (value: GoStruct) => string;
}

export interface GoField {
  readonly name: string;
  /** Its key in JSON. */
  readonly json: string;
  readonly type: GoType;
  readonly omitEmpty: boolean;
  /** The fields of an embedded struct are read as if they were its owner's. */
  readonly embedded: boolean;
}

export type Scalar = string | boolean | bigint | number;
export type GoValue = undefined | Scalar | GoScalar | GoMap | GoSlice | GoPointer | GoStruct | GoInterface | GoRow;

/** A value of a named or sized basic type. */
export class GoScalar {
  readonly type: GoType;
  readonly value: Scalar;

  constructor(type: GoType, value: Scalar) {
    this.type = type;
    this.value = value;
  }
}

/** A map with keys that are strings, in the order of the keys. */
export class GoMap {
  readonly type: GoType;
  readonly entries: ReadonlyMap<string, GoValue>;
  readonly isNil: boolean;

  constructor(type: GoType, entries: ReadonlyMap<string, GoValue> | undefined) {
    this.type = type;
    this.isNil = entries === undefined;
    this.entries = new Map([...(entries ?? [])].toSorted(([a], [b]) => compareBytes(a, b)));
  }
}

export class GoSlice {
  readonly type: GoType;
  readonly items: readonly GoValue[];
  readonly isNil: boolean;

  constructor(type: GoType, items: readonly GoValue[] | undefined) {
    this.type = type;
    this.isNil = items === undefined;
    this.items = items ?? [];
  }
}

/** A pointer; without a target it is nil. */
export class GoPointer {
  readonly type: GoType;
  readonly target: GoValue;

  constructor(type: GoType, target: GoValue) {
    this.type = type;
    this.target = target;
  }
}

export class GoStruct {
  readonly type: GoType;
  readonly values: ReadonlyMap<string, GoValue>;

  constructor(type: GoType, values: ReadonlyMap<string, GoValue>) {
    this.type = type;
    this.values = values;
  }
}

/** What stood in a place of type interface{}; nil when nothing stands there. */
export class GoInterface {
  readonly type = anyType;
  readonly value: GoValue;

  constructor(value: GoValue) {
    this.value = value;
  }
}

/** What a list prints a line of: only methods, some of which take one string. */
export class GoRow {
  readonly type: GoType;
  readonly cells: Readonly<Record<string, unknown>>;
  readonly methods: Readonly<Record<string, (argument: string) => string>>;
  /** The words for cells that are objects. */
  readonly texts: Readonly<Record<string, (cell: unknown) => string>>;

  constructor(name: string, cells: Readonly<Record<string, unknown>>, options: RowOptions = {}) {
    this.type = { kind: options.kind ?? "pointer", name };
    this.cells = cells;
    this.methods = options.methods ?? {};
    this.texts = options.texts ?? {};
  }
}

interface RowOptions {
  readonly methods?: Readonly<Record<string, (argument: string) => string>> | undefined;
  readonly texts?: Readonly<Record<string, (cell: unknown) => string>> | undefined;
  /** "map" for titles, where what is missing is no error. */
  readonly kind?: "pointer" | "map";
}

export const stringType: GoType = { kind: "string", name: "string" };
export const boolType: GoType = { kind: "bool", name: "bool" };
export const intType: GoType = { kind: "int", name: "int" };
export const floatType: GoType = { kind: "float", name: "float64" };
export const anyType: GoType = { kind: "interface", name: "interface {}" };
export const uint8Type: GoType = { kind: "uint", name: "uint8" };
/** A number in JSON that no type is known of keeps its text. */
export const jsonNumberType: GoType = { kind: "string", name: "json.Number" };

export function sliceOf(element: GoType): GoType {
  return { kind: "slice", name: `[]${element.name}`, element };
}

export function mapOf(element: GoType, key: GoType = stringType): GoType {
  return { kind: "map", name: `map[${key.name}]${element.name}`, element, key };
}

export function pointerTo(element: GoType): GoType {
  return { kind: "pointer", name: `*${element.name}`, element };
}

/** The type of a value that is there. */
export function typeOf(value: Exclude<GoValue, undefined>): GoType {
  if (typeof value === "object") return value.type;
  if (typeof value === "string") return stringType;
  if (typeof value === "boolean") return boolType;
  return typeof value === "bigint" ? intType : floatType;
}

export function kindOf(value: GoValue): Kind | "invalid" {
  return value === undefined ? "invalid" : typeOf(value).kind;
}

/** The basic value inside, undefined for what has parts. */
export function scalarOf(value: GoValue): Scalar | undefined {
  if (value instanceof GoScalar) return value.value;
  return typeof value === "object" ? undefined : value;
}

/** What an interface holds, or the value itself. */
export function unwrapInterface(value: GoValue): GoValue {
  return value instanceof GoInterface ? value.value : value;
}

/** A value as it lies in a place of that type. */
export function placed(type: GoType | undefined, value: GoValue): GoValue {
  return type?.kind === "interface" && !(value instanceof GoInterface) ? new GoInterface(value) : value;
}

/** The zero value of a type. */
export function zeroOf(type: GoType): GoValue {
  switch (type.kind) {
    case "string":
      return type.name === "string" ? "" : new GoScalar(type, "");
    case "bool":
      return type.name === "bool" ? false : new GoScalar(type, false);
    case "int":
    case "uint":
      return type.name === "int" ? 0n : new GoScalar(type, 0n);
    case "float":
      return 0;
    case "map":
      return new GoMap(type, undefined);
    case "slice":
      return new GoSlice(type, undefined);
    case "pointer":
      return new GoPointer(type, undefined);
    case "struct":
      if (type.name === "time.Time") return new GoScalar(type, neverHappened);
      return new GoStruct(type, new Map((type.fields ?? []).map((field) => [field.name, zeroOf(field.type)])));
    case "interface":
    case "func":
    default:
      return new GoInterface(undefined);
  }
}

/** Follows pointers and interfaces to what they lead to; `isNil` when one of them leads nowhere. */
export function indirect(value: GoValue): { readonly value: GoValue; readonly isNil: boolean } {
  let at = value;
  while (at instanceof GoPointer || at instanceof GoInterface) {
    const inside: GoValue = at instanceof GoPointer ? at.target : at.value;
    if (inside === undefined) return { value: at, isNil: true };
    at = inside;
  }
  return { value: at, isNil: false };
}

/** The truth of a value: that it is not the zero of its type, or has parts. */
export function isTrue(value: GoValue): boolean {
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoSlice) return value.items.length > 0;
  if (value instanceof GoPointer) return value.target !== undefined;
  if (value instanceof GoInterface) return value.value !== undefined;
  if (value instanceof GoStruct || value instanceof GoRow) return true;
  return Boolean(scalarOf(value));
}

/** The order of two strings by their bytes in UTF-8, as Go has it. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : isPlain(a) && isPlain(b) ? (a < b ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isPlain(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text);
}
