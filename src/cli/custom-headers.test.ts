import { expect, test } from "bun:test";
import { customHeaders } from "./custom-headers.ts";

test("customHeaders() reads fields of CSV, and leaves the settings alone when there are none", () => {
  expect([customHeaders(""), customHeaders("a=b"), customHeaders('a=b,"c=d,e","f=""g"""')]).toEqual([
    undefined,
    { a: "b" },
    { a: "b", c: "d,e", f: '"g"' },
  ]);
});

test.each([
  ["a", "missing \"=\" in key=value pair: 'a'"],
  ['a=b,f="g"', 'parse error on line 1, column 7: bare " in non-quoted-field'],
  ["a=b,=c", "value contains a key=value pair with an empty key: '=c'"],
])("customHeaders() refuses %p in Docker's words", (line, problem) => {
  expect(() => customHeaders(line)).toThrow(
    `Failed to initialize: failed to set custom headers from DOCKER_CUSTOM_HEADERS environment variable: ${problem}`,
  );
});
