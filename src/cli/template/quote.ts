const named: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** Quotes as Go's strconv.Quote does: what does not print is written out. */
export function goQuote(text: string, quote: '"' | "'" = '"'): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote) out += `\\${quote}`;
    else out += named[char] ?? (isPrintable(char) ? char : escapeOf(code));
  }
  return quote + out + quote;
}

/** What Go's unicode.IsPrint holds for printable: of the spaces only the plain one. */
export function isPrintable(char: string): boolean {
  // The classes of Unicode cost 4 ms to build, and few names need them.
  if (char >= " " && char <= "~") return true;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

function escapeOf(code: number): string {
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
