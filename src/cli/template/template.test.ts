import { describe, expect, test } from "bun:test";
import { Template } from "./template.ts";
import { untypedValue } from "./typed-value.ts";

const data = untypedValue('{"Name":"web","Tags":["a","b"],"Labels":{"z":"1","a":"2"}}');

function outcome(text: string): string {
  try {
    return new Template(text).execute(data);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

describe("Template", () => {
  test("names the template in whose definition an error is", () => {
    expect(outcome('{{define "x"}}{{.Tags.Foo}}{{end}}{{template "x" .}}')).toBe(
      'template: :1:21: executing "x" at <.Tags.Foo>: can\'t evaluate field Foo in type interface {}',
    );
  });

  test("stands in errors under its own name", () => {
    expect(() => new Template("{{", "version")).toThrow("template: version:1: unclosed action");
  });

  test("ranges over maps by the order of their keys", () => {
    expect(outcome("{{range $k, $v := .Labels}}{{$k}}{{$v}} {{end}}")).toBe("a2 z1 ");
  });

  test("says of a missing key that it is missing when it is strict", () => {
    expect(outcome("{{.Nope}}")).toBe("<no value>");
    expect(() => new Template("{{.Nope}}").execute(data, { strict: true })).toThrow('map has no entry for key "Nope"');
  });

  const hostile: readonly (readonly [name: string, template: string, expected: string])[] = [
    ["a template in itself", '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}', "exceeded maximum template depth"],
    ["parentheses without end", `{{${"(".repeat(5000)}1${")".repeat(5000)}}}`, "max expression depth exceeded"],
    ["blocks without end", "{{if 1}}".repeat(5000) + "{{end}}".repeat(5000), "nested too deeply"],
    ["a width of a gigabyte", '{{printf "%1999999999d" 1}}', "%!(NOVERB)%!(EXTRA int=1)"],
    ["a range over a billion that is left", "{{range 1000000000}}{{break}}{{end}}left", "left"],
  ];
  test.each(hostile)("survives %s", (_, template, expected) => {
    expect(outcome(template)).toContain(expected);
  });
});
