// What prints and escapes: print, printf, html, js, urlquery.
import type { TemplateFunction } from "./function.ts";
import { isText, printed } from "./print.ts";
import { sprintf } from "./printf.ts";
import { isPrintable } from "./quote.ts";
import { indirect, scalarOf, unwrapInterface, type GoValue } from "./value.ts";

/** Go's Sprint: a space between neighbours of which neither is a string. */
function sprint(values: readonly GoValue[]): string {
  return values
    .map((value, index) => {
      const gap = index > 0 && !isText(unwrapInterface(value)) && !isText(unwrapInterface(values[index - 1]));
      return (gap ? " " : "") + printed(value);
    })
    .join("");
}

/** As printing in an action has it: pointers are followed, and what is not there says so. */
function shown(values: readonly GoValue[]): string {
  return sprint(
    values.map((value) => {
      const { value: target, isNil } = indirect(value);
      return target === undefined || isNil ? "<no value>" : target;
    }),
  );
}

function escaper(escape: (text: string) => string): TemplateFunction {
  return { parameters: ["any"], variadic: true, call: (args) => escape(shown(args)) };
}

const htmlEntities: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\ufffd",
};

function escapeScript(char: string): string {
  if (char === "\\" || char === "'" || char === '"') return `\\${char}`;
  if (char > "\x7f" && isPrintable(char)) return char;
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

export const printFunction: TemplateFunction = { parameters: ["any"], variadic: true, call: sprint };

export const printlnFunction: TemplateFunction = {
  parameters: ["any"],
  variadic: true,
  call: (args) => `${args.map((value) => printed(value)).join(" ")}\n`,
};

export const printfFunction: TemplateFunction = {
  parameters: ["string", "any"],
  variadic: true,
  call: ([format, ...args]) => sprintf(String(scalarOf(format)), args),
};

export const htmlFunction = escaper((text) => text.replaceAll(/["'&<>\0]/g, (char) => htmlEntities[char] ?? char));
export const jsFunction = escaper((text) => text.replaceAll(/[\\'"<>&=\x00-\x1f]|[^\x00-\x7f]/gu, escapeScript));
export const urlqueryFunction = escaper(escapeQuery);
