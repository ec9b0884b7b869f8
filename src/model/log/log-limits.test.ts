import { describe, expect, test } from "bun:test";
import { parseLogLimits } from "./log-limits.ts";

describe("parseLogLimits()", () => {
  test("rotates unless somebody says otherwise", () => {
    expect(parseLogLimits("json-file", {})).toEqual({ maxSize: 20 << 20, maxFiles: 5 });
    expect(parseLogLimits("json-file", { "max-size": "-1" })).toEqual({ maxFiles: 5 });
  });

  test.each([
    ["16k", 16_384],
    ["1.5m", 1_572_864],
    ["2g", 2 ** 31],
    ["700", 700],
    ["3KB", 3072],
  ])("reads max-size %s", (size, bytes) => {
    expect(parseLogLimits("local", { "max-size": size, "max-file": "1" })).toEqual({ maxSize: bytes, maxFiles: 1 });
  });

  test.each([
    [{ foo: "bar" }, "unknown log opt 'foo' for json-file log driver"],
    [{ "max-size": "x" }, "invalid size: 'x'"],
    [{ "max-size": "0" }, "max-size must be a positive number"],
    [{ "max-file": "x" }, 'strconv.Atoi: parsing "x": invalid syntax'],
    [{ "max-file": "0" }, "max-file cannot be less than 1"],
    [{ "max-size": "-1", "max-file": "3" }, "max-file option requires max-size to be set"],
  ])("refuses %j", (options: Readonly<Record<string, string>>, message) => {
    expect(() => parseLogLimits("json-file", options)).toThrow(message);
  });
});
