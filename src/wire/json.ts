import { fault, type EngineError } from "#base";

/** A number as it was written, so that whoever reads it decides about range and precision. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Members in the order of the text, doubles included: the last one counts, as Go's decoder has it. */
export interface JsonObject {
  readonly members: readonly (readonly [key: string, value: JsonValue])[];
}

export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** Nesting that Go's decoder refuses to go beyond. */
const deepest = 10_000;

/**
 * Reads one JSON document (RFC 8259). Numbers keep their text.
 * @throws invalid, in the words of Go's encoding/json
 */
export function parseJson(text: string): JsonValue {
  const reader = new JsonReader(text);
  const value = reader.value(0, "beginning of value");
  reader.end();
  return value;
}

/** True for an object, false for every other value. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && "members" in value;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number, place: string): JsonValue {
    if (depth > deepest) throw fault("invalid", "invalid JSON: exceeded max depth");
    this.#skipSpace();
    const char = this.#text[this.#at];
    switch (char) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      case undefined:
        throw cutOff();
      default:
        return this.#number(place);
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw fault("invalid", "unexpected content after JSON");
  }

  #object(depth: number): JsonObject {
    const members: [string, JsonValue][] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === "}") {
      this.#at += 1;
      return { members };
    }
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") throw this.#unexpected("after object key");
      this.#at += 1;
      members.push([key, this.value(depth + 1, "beginning of value")]);
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "}") throw this.#unexpected("after object key:value pair");
      this.#at += 1;
      if (next === "}") return { members };
    }
  }

  #array(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === "]") {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1, "beginning of value"));
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "]") throw this.#unexpected("after array element");
      this.#at += 1;
      if (next === "]") return items;
    }
  }

  #string(): string {
    const start = this.#at;
    const end = this.#closingQuote(start);
    const quoted = this.#text.slice(start, end + 1);
    if (end === -1 || controlCharacter.test(quoted)) throw this.#brokenString(start);
    this.#at = end + 1;
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    if (!escapesAreKnown(quoted)) throw this.#brokenString(start);
    return String(JSON.parse(quoted));
  }

  #closingQuote(start: number): number {
    for (let end = this.#text.indexOf('"', start + 1); end !== -1; end = this.#text.indexOf('"', end + 1)) {
      let slashes = 0;
      while (this.#text[end - 1 - slashes] === "\\") slashes += 1;
      if (slashes % 2 === 0) return end;
    }
    return -1;
  }

  #brokenString(start: number): EngineError {
    for (this.#at = start + 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] ?? "";
      if (char === '"') break;
      if (char < " ") return this.#unexpected("in string literal");
      if (char !== "\\") continue;
      const escape = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at, this.#at + 6));
      if (escape === null) return this.#wrongEscape();
      this.#at += escape[0].length - 1;
    }
    return cutOff();
  }

  #wrongEscape(): EngineError {
    const isUnicode = this.#text[this.#at + 1] === "u";
    const sequence = this.#text.slice(this.#at, this.#at + (isUnicode ? 6 : 2));
    if (sequence.length === 1 || (isUnicode && /^\\u[0-9a-fA-F]*$/.test(sequence))) return cutOff();
    return fault("invalid", `invalid JSON: invalid escape sequence \`${sequence}\` in string`);
  }

  #literal<Value>(word: string, value: Value): Value {
    for (let index = 1; index < word.length; index += 1) {
      this.#at += 1;
      if (this.#text[this.#at] !== word[index]) throw this.#unexpected(`in literal ${word} (expecting ${quoteChar(word[index] ?? "")})`);
    }
    this.#at += 1;
    return value;
  }

  #number(place: string): JsonNumber {
    numeral.lastIndex = this.#at;
    const match = numeral.exec(this.#text);
    if (match === null) {
      if (this.#text[this.#at] !== "-") throw this.#unexpected(`looking for ${place}`);
      this.#at += 1;
      throw this.#unexpected("in numeric literal");
    }
    this.#at = numeral.lastIndex;
    if (/[.eE]/.test(this.#text[this.#at] ?? "")) {
      this.#at += 1;
      throw this.#unexpected("in numeric literal");
    }
    return new JsonNumber(match[0]);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #unexpected(place: string): EngineError {
    const char = this.#text[this.#at];
    return char === undefined ? cutOff() : fault("invalid", `invalid JSON: invalid character ${quoteChar(char)} ${place}`);
  }
}

const controlCharacter = new RegExp(String.raw`[\u0000-\u001f]`);
const numeral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Looks at each escape once; a pattern over the whole text would need a stack as long as the text. */
function escapesAreKnown(quoted: string): boolean {
  for (let at = quoted.indexOf("\\"); at !== -1; at = quoted.indexOf("\\", at + 2)) {
    const char = quoted[at + 1] ?? "";
    const isKnown = char === "u" ? /^[0-9a-fA-F]{4}$/.test(quoted.slice(at + 2, at + 6)) : '"\\/bfnrt'.includes(char);
    if (!isKnown) return false;
  }
  return true;
}

function cutOff(): EngineError {
  return fault("invalid", "invalid JSON: unexpected EOF");
}

/** As Go's strconv.QuoteRune prints it, far enough for what stands in a broken document. */
function quoteChar(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
