import type { NumberLiteral } from "./node.ts";

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

const escapeForm = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\"']))/gy;

/** The text that a Go literal stands for, "x", 'x' or `x`; undefined when it is none. */
export function unquote(literal: string): string | undefined {
  const quote = literal.slice(0, 1);
  const inner = literal.slice(1, -1);
  if (quote === "`") return inner.replaceAll("\r", "");
  let out = "";
  for (let at = 0; at < inner.length;) {
    if (inner[at] !== "\\") {
      out += inner[at];
      at += 1;
      continue;
    }
    escapeForm.lastIndex = at;
    const match = escapeForm.exec(inner);
    if (match === null || match[5] === (quote === '"' ? "'" : '"')) return undefined;
    const [whole, byte, short, long, octal, letter] = match;
    const code = byte ?? short ?? long;
    out +=
      letter === undefined
        ? String.fromCodePoint(code === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(code, 16))
        : escapes[letter];
    at += whole.length;
  }
  return out;
}

const integerForm = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/;
const floatForm = /^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** Reads a number or a rune. @throws Error in Go's words */
export function numberLiteral(text: string, at: number): NumberLiteral {
  if (text.startsWith("'")) {
    const [point, ...others] = unquote(text) ?? "";
    if (point === undefined) throw new Error("invalid syntax");
    if (others.length > 0) throw new Error(`malformed character constant: ${text}`);
    const code = point.codePointAt(0) ?? 0;
    return { type: "number", at, text, int: BigInt(code), float: code };
  }
  if (integerForm.test(text)) {
    const int = parseInteger(text);
    if (int > 0xffff_ffff_ffff_ffffn || int < -0x8000_0000_0000_0000n) throw new Error(`integer overflow: ${JSON.stringify(text)}`);
    return { type: "number", at, text, int, float: Number(int) };
  }
  if (!floatForm.test(text)) throw new Error(`illegal number syntax: ${JSON.stringify(text)}`);
  const float = Number(text.replaceAll("_", ""));
  if (!/[.eE]/.test(text)) throw new Error(`integer overflow: ${JSON.stringify(text)}`);
  return { type: "number", at, text, float, ...(Number.isSafeInteger(float) && { int: BigInt(float) }) };
}

function parseInteger(text: string): bigint {
  const digits = text.replaceAll("_", "").replace(/^[+-]/, "");
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits.toLowerCase());
  return text.startsWith("-") ? -value : value;
}
