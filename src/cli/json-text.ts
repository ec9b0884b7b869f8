/** JSON as Go's encoder writes it: `<`, `>` and `&` escaped, also inside strings. */
export function goJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** Lays JSON text out over lines without reading its values, so that order and numbers stay the daemon's. */
export function indentJson(text: string, indent = "    "): string {
  let out = "";
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "{" || token === "[") {
      out += token;
      depth += 1;
      out += `\n${indent.repeat(depth)}`;
    } else if (token === "}" || token === "]") {
      const emptyTail = `\n${indent.repeat(depth)}`;
      depth -= 1;
      const empty = out.endsWith(`${token === "}" ? "{" : "["}${emptyTail}`);
      out = empty ? out.slice(0, -emptyTail.length) : `${out}\n${indent.repeat(depth)}`;
      out += token;
    } else if (token === ",") {
      out += `,\n${indent.repeat(depth)}`;
    } else {
      out += token === ":" ? ": " : token;
    }
  }
  return out;
}
