import type { CallArguments, Evaluator, Scope } from "./evaluator.ts";
import type { TemplateFunction } from "./function.ts";
import type { Node } from "./node.ts";
import {
  GoInterface,
  GoMap,
  GoPointer,
  GoRow,
  GoStruct,
  indirect,
  placed,
  scalarOf,
  stringType,
  typeOf,
  type GoField,
  type GoType,
  type GoValue,
} from "./value.ts";

interface Access {
  readonly name: string;
  readonly args: CallArguments;
  readonly scope: Scope;
  readonly node: Node;
}

/** `.Name` of a value: a method, a field of a struct, or an entry of a map. @throws TemplateError */
export function fieldOf(evaluator: Evaluator, receiver: GoValue, access: Access): GoValue {
  const { name } = access;
  if (receiver === undefined) {
    if (evaluator.strict) throw evaluator.error(`nil data; no entry for key ${JSON.stringify(name)}`);
    return undefined;
  }
  const type = typeOf(receiver);
  const { value, isNil } = indirect(receiver);
  if (isNil) throw nilError(evaluator, { at: value, type, name });
  if (value instanceof GoRow) return ofRow(evaluator, value, access);
  if (value instanceof GoStruct) {
    const found = structField(value, name);
    if (found !== undefined) {
      if (hasArguments(access)) throw evaluator.error(`${name} has arguments but cannot be invoked as function`);
      if (found.broken !== undefined) throw evaluator.error(found.broken);
      return placed(found.field.type, found.value);
    }
  } else if (value instanceof GoMap && value.type.key?.name === "string") {
    if (hasArguments(access)) throw evaluator.error(`${name} is not a method but has arguments`);
    if (value.entries.has(name)) return placed(value.type.element, value.entries.get(name));
    if (evaluator.strict) throw evaluator.error(`map has no entry for key ${JSON.stringify(name)}`);
    return undefined;
  }
  throw evaluator.error(`can't evaluate field ${name} in type ${type.name}`);
}

function nilError(evaluator: Evaluator, { at, type, name }: { at: GoValue; type: GoType; name: string }): Error {
  const target = at instanceof GoPointer ? at.type.element : undefined;
  const known = at instanceof GoInterface || target?.kind !== "struct" || hasField(target, name);
  return evaluator.error(known ? `nil pointer evaluating ${type.name}.${name}` : `can't evaluate field ${name} in type ${type.name}`);
}

function ofRow(evaluator: Evaluator, row: GoRow, { name, args, scope, node }: Access): GoValue {
  const method = row.methods[name];
  const callee: TemplateFunction | undefined =
    method !== undefined
      ? { parameters: ["string"], call: ([argument]) => method(String(scalarOf(argument))) }
      : Object.hasOwn(row.cells, name)
        ? { parameters: [], call: () => cellValue(row.cells[name], row.texts[name]) }
        : undefined;
  if (callee !== undefined) return evaluator.call(name, callee, { scope, args, node });
  if (row.type.kind === "map") return undefined;
  throw evaluator.error(`can't evaluate field ${name} in type ${row.type.name}`);
}

function cellValue(cell: unknown, text: ((cell: unknown) => string) | undefined): GoValue {
  if (typeof cell === "string" || typeof cell === "boolean" || typeof cell === "bigint") return cell;
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : cell;
  if (typeof cell === "object" && cell !== null) return objectValue(cell, text);
  return text === undefined ? undefined : new GoPointer({ kind: "pointer", name: "*formatter.Platform" }, undefined);
}

/** An object of plain words, as the platform is: `.OS` and `.Architecture` of `{"os": ..., "architecture": ...}`. */
function objectValue(cell: object, text: ((cell: unknown) => string) | undefined): GoValue {
  const goNames: Readonly<Record<string, string>> = { os: "OS" };
  const entries = Object.entries(cell).map(([json, value]) => ({
    json,
    name: goNames[json] ?? json.slice(0, 1).toUpperCase() + json.slice(1),
    value: String(value),
  }));
  const fields = entries.map(({ json, name }): GoField => ({ json, name, type: stringType, omitEmpty: false, embedded: false }));
  const type: GoType = { kind: "struct", name: "formatter.Platform", fields, ...(text && { structText: () => text(cell) }) };
  return new GoStruct(type, new Map(entries.map(({ name, value }) => [name, value])));
}

function hasArguments({ args }: Access): boolean {
  return args.words.length > 0 || args.final !== undefined;
}

interface FoundField {
  readonly field: GoField;
  readonly value: GoValue;
  /** Why it cannot be reached: a nil pointer to an embedded struct stands between. */
  readonly broken?: string;
}

/** The field of that name, its own or of a struct that is embedded in it. */
function structField(struct: GoStruct, name: string): FoundField | undefined {
  const fields = struct.type.fields ?? [];
  const own = fields.find((field) => field.name === name);
  if (own !== undefined) return { field: own, value: struct.values.get(name) };
  for (const field of fields.filter(({ embedded }) => embedded)) {
    const inner = indirect(struct.values.get(field.name)).value;
    const found = inner instanceof GoStruct ? structField(inner, name) : undefined;
    if (found !== undefined) return found;
    const target = field.type.kind === "pointer" ? field.type.element : field.type;
    if (target !== undefined && !(inner instanceof GoStruct) && hasField(target, name)) {
      return { field, value: undefined, broken: `reflect: indirection through nil pointer to embedded struct field ${field.name}` };
    }
  }
  return undefined;
}

function hasField(type: GoType, name: string): boolean {
  return (type.fields ?? []).some((field) => {
    const target = field.type.kind === "pointer" ? field.type.element : field.type;
    return field.name === name || (field.embedded && target !== undefined && hasField(target, name));
  });
}
