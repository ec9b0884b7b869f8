// Cuts a template into tokens by the rules of Go's text/template: text, and inside {{ }} words, with the spaces between them
// because `.A .B` and `.A.B` differ. A mistake becomes the last token; the parser says it when it gets there.

export type TokenKind =
  | "text"
  | "left"
  | "right"
  | "space"
  | "pipe"
  | "declare"
  | "assign"
  | "open"
  | "close"
  | "char"
  | "rune"
  | "number"
  | "complex"
  | "string"
  | "raw"
  | "variable"
  | "field"
  | "bool"
  | "identifier"
  | "keyword"
  | "dot"
  | "nil"
  | "end-of-text"
  | "error";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Index into the template. */
  readonly at: number;
  readonly line: number;
}

const keywords = new Set(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"]);
const leadingTrim = /^-[ \t\r\n]/;
const trailingTrim = /^[ \t\r\n]-\}\}/;
const space = /[ \t\r\n]/;

/** How long the word is that a text begins with. The classes of Unicode cost 4 ms to build: only a text that needs them pays. */
function wordLength(text: string): number {
  const plain = /^\w*/.exec(text)?.[0].length ?? 0;
  if (plain === text.length || text.charCodeAt(plain) < 0x80) return plain;
  return /^[_\p{L}\p{Nd}]*/u.exec(text)?.[0].length ?? 0;
}

/** All tokens of a template, the last of which is its end or an error. */
export function tokensOf(template: string): Token[] {
  return new Lexer(template).all();
}

/** As error messages show a token. */
export function tokenText({ kind, text }: Token): string {
  if (kind === "end-of-text") return "EOF";
  if (kind === "error") return text;
  if (kind === "keyword" || kind === "dot" || kind === "nil") return `<${text}>`;
  const points = Array.from(text);
  return points.length > 10 && Buffer.byteLength(text) > 10 ? `${JSON.stringify(points.slice(0, 10).join(""))}...` : JSON.stringify(text);
}

class Lexer {
  readonly #input: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #openParentheses = 0;
  #failed = false;

  constructor(input: string) {
    this.#input = input;
  }

  all(): Token[] {
    while (!this.#failed && this.#text()) while (this.#insideAction());
    return this.#tokens;
  }

  /** Text up to the next action, which it enters. False at the end. */
  #text(): boolean {
    for (;;) {
      const open = this.#input.indexOf("{{", this.#at);
      if (open === -1) return this.#restOfText();
      const trim = leadingTrim.test(this.#input.slice(open + 2, open + 4));
      const text = this.#input.slice(this.#at, open);
      const kept = trim ? text.replace(/[ \t\r\n]+$/, "") : text;
      if (kept !== "") this.#push("text", this.#at, kept);
      this.#skipTo(open);
      const start = open + 2 + (trim ? 2 : 0);
      if (!this.#input.startsWith("/*", start)) {
        this.#push("left", open, "{{");
        this.#skipTo(start);
        return true;
      }
      this.#skipTo(start);
      if (!this.#comment(start)) return false;
    }
  }

  #restOfText(): boolean {
    if (this.#at < this.#input.length) this.#push("text", this.#at, this.#input.slice(this.#at));
    this.#skipTo(this.#input.length);
    this.#push("end-of-text", this.#at, "EOF");
    return false;
  }

  #comment(start: number): boolean {
    const close = this.#input.indexOf("*/", start + 2);
    if (close === -1) return this.#fail("unclosed comment");
    const rest = this.#input.slice(close + 2);
    if (!rest.startsWith("}}") && !trailingTrim.test(rest)) return this.#fail("comment ends before closing delimiter");
    this.#skipTo(close + 2);
    this.#skipRight();
    return true;
  }

  /** One token of an action. False when the action ended, or nothing more can be read. */
  #insideAction(): boolean {
    const rest = this.#input.slice(this.#at);
    if (rest.startsWith("}}") || trailingTrim.test(rest)) {
      if (this.#openParentheses > 0) return this.#fail("unclosed left paren");
      this.#push("right", this.#at + (rest.startsWith("}}") ? 0 : 2), "}}");
      this.#skipRight();
      return false;
    }
    const char = charAt(this.#input, this.#at);
    if (char === "") return this.#fail("unclosed action");
    if (space.test(char)) return this.#spaces(rest);
    if (char === ":" && rest[1] !== "=") return this.#fail("expected :=");
    if (char === ":") return this.#take("declare", 2);
    if (char === "=") return this.#take("assign", 1);
    if (char === "|") return this.#take("pipe", 1);
    if (char === "(" || char === ")") return this.#parenthesis(char);
    if (char === '"' || char === "'") return this.#quoted(rest, char);
    if (char === "`") return this.#rawQuoted(rest);
    if (char === "$" || (char === "." && !/^\.[0-9]/.test(rest) && rest.length > 1)) return this.#fieldOrVariable(rest, char);
    if (/[.+\-0-9]/.test(char)) return this.#number(rest);
    if (wordLength(char) > 0) return this.#word(rest);
    if (/[\x20-\x7e]/.test(char)) return this.#take("char", 1);
    return this.#fail(`unrecognized character in action: ${unicodeName(char)}`);
  }

  #parenthesis(char: string): boolean {
    this.#openParentheses += char === "(" ? 1 : -1;
    if (this.#openParentheses < 0) return this.#fail("unexpected right paren");
    return this.#take(char === "(" ? "open" : "close", 1);
  }

  #spaces(rest: string): boolean {
    const run = /^[ \t\r\n]+/.exec(rest)?.[0].length ?? 0;
    // The space before "-}}" belongs to the closing delimiter.
    const closes = trailingTrim.test(rest.slice(run - 1));
    return closes && run === 1 ? true : this.#take("space", closes ? run - 1 : run);
  }

  #quoted(rest: string, quote: string): boolean {
    const length = (quote === '"' ? /^"(?:[^"\\\n]|\\[^\n])*"/ : /^'(?:[^'\\\n]|\\[^\n])*'/).exec(rest)?.[0].length;
    if (length === undefined) return this.#fail(quote === '"' ? "unterminated quoted string" : "unterminated character constant");
    return this.#take(quote === '"' ? "string" : "rune", length);
  }

  #rawQuoted(rest: string): boolean {
    const close = rest.indexOf("`", 1);
    return close === -1 ? this.#fail("unterminated raw quoted string") : this.#take("raw", close + 1);
  }

  #fieldOrVariable(rest: string, sign: string): boolean {
    const length = 1 + wordLength(rest.slice(1));
    if (!this.#endsWord(length)) return this.#fail(`bad character ${unicodeName(charAt(rest, length))}`);
    return this.#take(sign === "$" ? "variable" : length === 1 ? "dot" : "field", length);
  }

  #word(rest: string): boolean {
    const word = rest.slice(0, wordLength(rest));
    if (!this.#endsWord(word.length)) return this.#fail(`bad character ${unicodeName(charAt(rest, word.length))}`);
    if (keywords.has(word)) return this.#take("keyword", word.length);
    if (word === "nil") return this.#take("nil", 3);
    return this.#take(word === "true" || word === "false" ? "bool" : "identifier", word.length);
  }

  #number(rest: string): boolean {
    const first = scanNumber(rest);
    if (!first.fine) return this.#fail(`bad number syntax: ${JSON.stringify(rest.slice(0, first.length))}`);
    if (!/[+-]/.test(rest[first.length] ?? "")) return this.#take("number", first.length);
    const second = scanNumber(rest.slice(first.length));
    const length = first.length + second.length;
    if (!second.fine || rest[length - 1] !== "i") return this.#fail(`bad number syntax: ${JSON.stringify(rest.slice(0, length))}`);
    return this.#take("complex", length);
  }

  #endsWord(length: number): boolean {
    const rest = this.#input.slice(this.#at + length);
    return rest === "" || /^[ \t\r\n.,|:()]/.test(rest) || rest.startsWith("}}");
  }

  #skipRight(): void {
    const trimmed = trailingTrim.test(this.#input.slice(this.#at, this.#at + 4));
    this.#skipTo(this.#at + (trimmed ? 4 : 2));
    if (trimmed) this.#skipTo(this.#at + (/^[ \t\r\n]*/.exec(this.#input.slice(this.#at))?.[0].length ?? 0));
  }

  #take(kind: TokenKind, length: number): true {
    this.#push(kind, this.#at, this.#input.slice(this.#at, this.#at + length));
    this.#skipTo(this.#at + length);
    return true;
  }

  #push(kind: TokenKind, at: number, text: string): void {
    this.#tokens.push({ kind, text, at, line: this.#line });
  }

  #skipTo(at: number): void {
    for (let index = this.#at; index < at; index += 1) if (this.#input[index] === "\n") this.#line += 1;
    this.#at = at;
  }

  #fail(message: string): false {
    this.#push("error", this.#at, message);
    this.#at = this.#input.length;
    this.#failed = true;
    return false;
  }
}

function scanNumber(rest: string): { readonly length: number; readonly fine: boolean } {
  const forms =
    /^[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/;
  const length = forms.exec(rest)?.[0].length ?? 0;
  const next = charAt(rest, length);
  return wordLength(next) > 0 ? { length: length + next.length, fine: false } : { length, fine: true };
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** "U+0021 '!'", as Go's %#U has it. */
function unicodeName(char: string): string {
  const code = char.codePointAt(0);
  if (code === undefined) return "U+FFFFFFFFFFFFFFFF";
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) ? `${hex} '${char}'` : hex;
}
