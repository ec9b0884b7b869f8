import { goQuote } from "./quote.ts";
import { GoInterface, GoMap, GoPointer, GoRow, GoScalar, GoSlice, GoStruct, scalarOf, typeOf, type GoValue, type Scalar } from "./value.ts";

/** What %v (plain), %+v (names) and %#v (source) differ in. */
export type PrintStyle = "plain" | "names" | "source";

/** A value as Go's %v prints it: `[a b]`, `map[k:v]`, `{a b}`. A pointer inside is an address, as in Go; ours is always the same. */
export function printed(value: GoValue, style: PrintStyle = "plain", depth = 0): string {
  if (value === undefined) return "<nil>";
  if (value instanceof GoInterface) return printed(value.value, style, depth);
  if (value instanceof GoMap) return printedMap(value, style, depth);
  if (value instanceof GoSlice) return printedSlice(value, style, depth);
  if (value instanceof GoStruct && value.type.structText !== undefined && style !== "source") return value.type.structText(value);
  if (value instanceof GoStruct) return printedStruct(value, style, depth);
  if (value instanceof GoRow) return "{}";
  if (value instanceof GoPointer) return printedPointer(value, style, depth);
  const type = typeOf(value);
  const scalar = scalarOf(value) ?? "";
  if (style === "source" && typeof scalar === "string") return goQuote(scalar);
  return type.text === undefined || style === "source" ? printedScalar(scalar) : type.text(scalar);
}

function printedScalar(value: Scalar): string {
  return typeof value === "number" ? floatText(value) : String(value);
}

function printedMap(value: GoMap, style: PrintStyle, depth: number): string {
  const entries = [...value.entries].map(([key, element]) => {
    const shownKey = style === "source" ? goQuote(key) : key;
    return `${shownKey}:${printed(element, style, depth + 1)}`;
  });
  return style === "source" ? `${value.type.name}{${entries.join(", ")}}` : `map[${entries.join(" ")}]`;
}

function printedSlice(value: GoSlice, style: PrintStyle, depth: number): string {
  const items = value.items.map((item) => printed(item, style, depth + 1));
  return style === "source" ? `${value.type.name}{${items.join(", ")}}` : `[${items.join(" ")}]`;
}

function printedStruct(value: GoStruct, style: PrintStyle, depth: number): string {
  const fields = [...value.values].map(([name, field]) => {
    const shown = printed(field, style, depth + 1);
    return style === "plain" ? shown : `${name}:${shown}`;
  });
  return style === "source" ? `${value.type.name}{${fields.join(", ")}}` : `{${fields.join(" ")}}`;
}

function printedPointer({ target }: GoPointer, style: PrintStyle, depth: number): string {
  if (target === undefined) return "<nil>";
  if (target instanceof GoStruct && target.type.structText !== undefined) return printed(target, style, depth);
  const opens = target instanceof GoStruct || target instanceof GoMap || target instanceof GoSlice;
  return depth === 0 && opens ? `&${printed(target, style, depth + 1)}` : "0xc000012345";
}

/** A float as %v has it: the shortest digits, with an exponent below 1e-4 and from 1e+06 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) return twoDigitExponent(value.toExponential());
  return String(value);
}

/** Go writes at least two digits of an exponent: 1e-05. */
export function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** True for a value of which print leaves no space between it and its neighbour. */
export function isText(value: GoValue): boolean {
  return typeof value === "string" || (value instanceof GoScalar && typeof value.value === "string");
}
