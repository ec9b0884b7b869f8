import { describe, expect, test } from "bun:test";
import { isJsonObject, JsonNumber, parseJson, type JsonValue } from "./json.ts";

function refusal(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    return String(error);
  }
  return "accepted";
}

function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map((item: JsonValue) => plain(item));
  return isJsonObject(value) ? Object.fromEntries(value.members.map(([key, member]) => [key, plain(member)])) : value;
}

describe("parseJson()", () => {
  test("reads what JSON.parse reads", () => {
    const documents = [
      '{"a":[1,-2.5e3,"x\\n\\u00e9\\"",true,false,null,{}],"":{"b":[]}}',
      " [ ] ",
      '"\\ud83d\\ude00 plain"',
      "0",
      '{"a":1,"a":2}',
    ];
    for (const document of documents) expect(plain(parseJson(document))).toEqual(JSON.parse(document));
  });

  test("keeps the text of a number", () => {
    const number = parseJson("9007199254740993");
    expect(number instanceof JsonNumber && number.text).toBe("9007199254740993");
  });

  // Recorded from Docker 28.5.2.
  test.each([
    ["{", "unexpected EOF"],
    ['{"Image":', "unexpected EOF"],
    ["tru", "unexpected EOF"],
    ['{"a":"', "unexpected EOF"],
    ['{"a":"\\', "unexpected EOF"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"Image":"x",}', "invalid character '}' looking for beginning of object key string"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ["[1 2]", "invalid character '2' after array element"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":1.}', "invalid character '}' in numeric literal"],
    ['{"a":"\\q"}', "invalid escape sequence `\\q` in string"],
    ['{"a":"\\u12"}', 'invalid escape sequence `\\u12"}` in string'],
  ])("refuses %s in Docker's words", (text, words) => {
    expect(refusal(text)).toBe(`EngineError: invalid JSON: ${words}`);
  });

  test("refuses a second document", () => {
    expect(refusal('{"a":1}{}')).toBe("EngineError: unexpected content after JSON");
  });

  test("refuses a control character in a text", () => {
    expect(refusal('"a\nb"')).toContain("in string literal");
  });

  test("refuses nesting without end instead of falling off the stack", () => {
    expect(refusal("[".repeat(200_000))).toContain("exceeded max depth");
  });

  test("reads truncated documents to a refusal, whatever the place of the cut", () => {
    const whole = '{"a":[1,-2.5e3,"x\\n\\u00e9",true,null],"b":{"c":"d"}}';
    for (let end = 1; end < whole.length; end += 1)
      expect(refusal(whole.slice(0, end))).toStartWith("EngineError: invalid JSON: unexpected EOF");
  });
});
