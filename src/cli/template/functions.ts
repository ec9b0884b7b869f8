import { indexFunction, lenFunction, sliceFunction } from "./collection-functions.ts";
import { equalsAny, isLess } from "./compare.ts";
import { jsonOf } from "./encode-json.ts";
import { stringsType, type TemplateFunction } from "./function.ts";
import { htmlFunction, jsFunction, printFunction, printfFunction, printlnFunction, urlqueryFunction } from "./text-functions.ts";
import { GoSlice, isTrue, scalarOf, unwrapInterface, type GoValue } from "./value.ts";

/** Go's own functions; `and`, `or` and `call` stand here for the parser, the evaluator carries them out. */
const builtins: Readonly<Record<string, TemplateFunction>> = {
  and: { parameters: ["value", "value"], variadic: true, call: ([first]) => first },
  or: { parameters: ["value", "value"], variadic: true, call: ([first]) => first },
  not: { parameters: ["value"], call: ([value]) => !isTrue(unwrapInterface(value)) },
  eq: { parameters: ["value", "value"], variadic: true, call: ([first, ...others]) => equalsAny(first, others) },
  ne: { parameters: ["value", "value"], call: ([first, second]) => !equalsAny(first, [second]) },
  lt: { parameters: ["value", "value"], call: ([first, second]) => isLess(first, second) },
  le: { parameters: ["value", "value"], call: ([first, second]) => isLess(first, second) || equalsAny(first, [second]) },
  gt: { parameters: ["value", "value"], call: ([first, second]) => !isLess(first, second) && !equalsAny(first, [second]) },
  ge: { parameters: ["value", "value"], call: ([first, second]) => !isLess(first, second) },
  index: indexFunction,
  slice: sliceFunction,
  len: lenFunction,
  print: printFunction,
  printf: printfFunction,
  println: printlnFunction,
  html: htmlFunction,
  js: jsFunction,
  urlquery: urlqueryFunction,
  call: { parameters: ["value", "value"], variadic: true, call: ([callee]) => callee },
};

/** Docker's own. */
const dockers: Readonly<Record<string, TemplateFunction>> = {
  json: { parameters: ["any"], call: ([value]) => jsonOf(value) },
  split: { parameters: ["string", "string"], call: ([text, separator]) => split(textOf(text), textOf(separator)) },
  join: { parameters: ["[]string", "string"], call: ([texts, separator]) => textsOf(texts).join(textOf(separator)) },
  title: {
    parameters: ["string"],
    call: ([text]) =>
      textOf(text).replaceAll(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase()),
  },
  lower: { parameters: ["string"], call: ([text]) => textOf(text).toLowerCase() },
  upper: { parameters: ["string"], call: ([text]) => textOf(text).toUpperCase() },
  pad: { parameters: ["string", "int", "int"], call: ([text, before, after]) => pad(textOf(text), countOf(before), countOf(after)) },
  truncate: { parameters: ["string", "int"], call: ([text, length]) => truncate(textOf(text), countOf(length)) },
};

/** For the line of headers Docker takes these for what leaves a header as it is. */
const headings: Readonly<Record<string, TemplateFunction>> = {
  json: { parameters: ["string"], call: ([text]) => text },
  split: { parameters: ["string", "string"], call: ([text]) => text },
  join: { parameters: ["string", "string"], call: ([text]) => text },
  title: { parameters: ["string"], call: ([text]) => text },
  lower: { parameters: ["string"], call: ([text]) => text },
  upper: { parameters: ["string"], call: ([text]) => text },
  truncate: { parameters: ["string", "int"], call: ([text]) => text },
};

export type Functions = ReadonlyMap<string, TemplateFunction>;

export const functions: Functions = new Map(Object.entries({ ...builtins, ...dockers }));
export const headingFunctions: Functions = new Map([...functions, ...Object.entries(headings)]);

function textOf(value: GoValue): string {
  return String(scalarOf(value) ?? "");
}

function countOf(value: GoValue): number {
  return Number(scalarOf(value) ?? 0);
}

function textsOf(value: GoValue): string[] {
  return value instanceof GoSlice ? value.items.map(textOf) : [];
}

function split(text: string, separator: string): GoSlice {
  return new GoSlice(stringsType, separator === "" ? Array.from(text) : text.split(separator));
}

function pad(text: string, before: number, after: number): string {
  if (text === "") return text;
  if (before < 0 || after < 0) throw new Error("strings: negative Repeat count");
  return " ".repeat(before) + text + " ".repeat(after);
}

function truncate(text: string, length: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length < length) return text;
  if (length < 0) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  return bytes.subarray(0, length).toString();
}
