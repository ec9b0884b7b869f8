import { describe, expect, test } from "bun:test";
import { checkFilterKeys, flagOf, parseFilters } from "./filters.ts";
import { checkJsonType } from "./media-type.ts";
import { platformOfText } from "./platform.ts";
import { readExtent, readQuery } from "./query.ts";

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

describe("readQuery()", () => {
  test("reads Docker's truth", () => {
    const truth = (text: string): unknown => readQuery({ all: "flag" }, new URLSearchParams({ all: text }))["all"];
    expect(["", "0", "no", "false", "none", "False", "NONE"].map(truth)).toEqual([false, false, false, false, false, false, false]);
    expect(["1", "true", "maybe", "x"].map(truth)).toEqual([true, true, true, true]);
    expect(readQuery({ all: "flag" }, new URLSearchParams())["all"]).toBe(false);
  });

  test("ignores what the contract does not name", () => {
    expect(readQuery({ t: "int", name: "text" }, new URLSearchParams("t=5&zzz=1"))).toEqual({ t: 5, name: undefined });
  });

  test("answers a bad number as Docker does", () => {
    expect(refusal(() => readQuery({ t: "int" }, new URLSearchParams("t=x")))).toBe('strconv.Atoi: parsing "x": invalid syntax');
  });
});

test("readExtent() is a uint32", () => {
  expect(readExtent("height", "24")).toBe(24);
  expect(refusal(() => readExtent("width", undefined))).toBe('invalid resize width "": invalid syntax');
  expect(refusal(() => readExtent("height", "-1"))).toBe('invalid resize height "-1": value out of range');
  expect(refusal(() => readExtent("height", "99999999999"))).toBe('invalid resize height "99999999999": value out of range');
});

describe("parseFilters()", () => {
  test("reads both forms", () => {
    expect([...parseFilters('{"label":{"a=b":true,"c":true}}')]).toEqual([["label", ["a=b", "c"]]]);
    expect([...parseFilters('{"name":["x","y"]}')]).toEqual([["name", ["x", "y"]]]);
    expect([...parseFilters("null"), ...parseFilters(""), ...parseFilters(undefined)]).toEqual([]);
  });

  test.each(["x", "[]", '{"name":"x"}', '{"name":[1]}', '{"name":{"a":1}}', '""', "{"])("refuses %s", (text) => {
    expect(refusal(() => parseFilters(text))).toBe("invalid filter");
  });
});

test("checkFilterKeys() tells a missing filter from a wrong one", () => {
  const known = { here: ["name"], dockers: ["ancestor"] };
  expect(refusal(() => checkFilterKeys(parseFilters('{"name":["x"]}'), known))).toBe("accepted");
  expect(refusal(() => checkFilterKeys(parseFilters('{"ancestor":["x"]}'), known))).toBe("filter 'ancestor' is not implemented");
  expect(refusal(() => checkFilterKeys(parseFilters('{"foo":[]}'), known))).toBe("invalid filter 'foo'");
});

test("flagOf() reads one truth", () => {
  expect(flagOf(parseFilters('{"dangling":["true"]}'), "dangling")).toBe(true);
  expect(flagOf(parseFilters('{"dangling":["0"]}'), "dangling")).toBe(false);
  expect(flagOf(parseFilters("{}"), "dangling")).toBeUndefined();
  expect(refusal(() => flagOf(parseFilters('{"dangling":["x"]}'), "dangling"))).toBe("invalid filter 'dangling=[x]'");
});

describe("checkJsonType()", () => {
  test("accepts JSON with parameters, in any case", () => {
    for (const header of ["application/json", "application/json; charset=utf-8", " APPLICATION/JSON ", 'application/json;a="b;c"'])
      expect(refusal(() => checkJsonType(header))).toBe("accepted");
  });

  // Recorded from Docker 28.5.2.
  test.each([
    ["text/plain", "unsupported Content-Type header (text/plain): must be 'application/json'"],
    ["", "malformed Content-Type header (): mime: no media type"],
    ["a/b/c", "malformed Content-Type header (a/b/c): mime: unexpected content after media subtype"],
    ["a/", "malformed Content-Type header (a/): mime: expected token after slash"],
    ["application/json;x", "malformed Content-Type header (application/json;x): mime: invalid media parameter"],
  ])("refuses %p in Docker's words", (header, words) => {
    expect(refusal(() => checkJsonType(header))).toBe(words);
  });
});

test("platformOfText() reads what Docker's clients send", () => {
  expect(platformOfText("linux/arm64/v8")).toEqual({ os: "linux", architecture: "arm64" });
  expect(platformOfText("linux/x86_64")).toEqual({ os: "linux", architecture: "amd64" });
  expect(platformOfText("aarch64")).toEqual({ os: "linux", architecture: "arm64" });
  expect(platformOfText("")).toBeUndefined();
  expect(refusal(() => platformOfText("a/b/c/d"))).toBe('"a/b/c/d": cannot parse platform specifier: invalid argument');
});
