import { describe, expect, test } from "bun:test";
import { goJson, indentJson } from "./json-text.ts";

describe("indentJson()", () => {
  test("lays out as JSON.stringify does", () => {
    const value = { a: [1, { b: null }, []], c: {}, d: 'x,{}[]:"\\', e: [[], {}], f: true };
    expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, undefined, 4));
  });

  test("keeps big numbers and the order of keys", () => {
    expect(indentJson('{"z":9223372036854775807,"10":1,"2":1e400}')).toBe(
      '{\n    "z": 9223372036854775807,\n    "10": 1,\n    "2": 1e400\n}',
    );
  });
});

test("goJson() escapes as Go does", () => {
  expect(goJson({ a: "<&>" })).toBe('{"a":"\\u003c\\u0026\\u003e"}');
});
