import { describe, expect, test } from "bun:test";
import { mayColour } from "./colour.ts";
import { fitWidths } from "./fit-widths.ts";
import { formatRows, type Listing } from "./listing.ts";
import { formatTabbed } from "./table.ts";

const fruit: Listing = {
  type: "*formatter.fruitContext",
  columns: ["Name", "Taste"],
  headers: { Name: "NAME", Taste: "TASTE", Weight: "WEIGHT" },
  quiet: "Name",
  raw: { plain: "name: {{.Name}}\n", quiet: "n: {{.Name}}" },
  methods: (index) => ({ Label: (key) => `${key}${index}` }),
  colours: (field) => (field === "Taste" ? "green" : undefined),
};
const rows = [
  { Name: "apple", Taste: "sour and a little bit sweet", Weight: 3 },
  { Name: "fig", Taste: "<sweet>", Weight: 1 },
];

async function formatted(format: string, style: Partial<Parameters<typeof formatRows>[2]> = {}): Promise<string> {
  return await formatRows(fruit, rows, { format, ...style });
}

describe("formatRows()", () => {
  const plain = "NAME      TASTE\napple     sour and a little bit sweet\nfig       <sweet>\n";
  test.each(["", "table"])("makes the default table of %j", async (format) => {
    expect(await formatted(format)).toBe(plain);
  });

  test("shows one field of each row when quiet", async () => {
    expect(await formatted("", { quiet: true })).toBe("apple\nfig\n");
    expect(await formatted("raw", { quiet: true })).toBe("n: apple\nn: fig\n");
  });

  test("has titles over a table template, of methods too", async () => {
    expect(await formatted('table {{upper .Name}}\\t{{.Weight}}\\t{{.Label "my-key"}}')).toBe(
      "NAME      WEIGHT    my key\nAPPLE     3         my-key0\nFIG       1         my-key1\n",
    );
  });

  test("has JSON with the keys in their order", async () => {
    expect(await formatted("json")).toContain('{"Name":"fig","Taste":"\\u003csweet\\u003e","Weight":1}\n');
    expect(await formatted("{{json .}}")).toBe(await formatted("json"));
  });

  test("prints nothing when a template fails", () => {
    expect(formatted("{{.Colour}}")).rejects.toThrow(
      'template parsing error: template: :1:2: executing "" at <.Colour>: can\'t evaluate field Colour in type *formatter.fruitContext',
    );
  });

  test("cuts the widest column to the width of a terminal", async () => {
    expect(await formatted("", { columns: 24 })).toBe("NAME      TASTE\napple     sour and a li…\nfig       <sweet>\n");
    expect(await formatted("table {{.Name}}\\t{{.Taste}}", { columns: 24 })).toBe(await formatted("", { columns: 24 }));
  });

  test("colours words without moving columns", async () => {
    const green = await formatted("", { colours: true });
    expect(green).toContain("\u001b[32m<sweet>\u001b[0m");
    expect(Bun.stripANSI(green)).toBe(plain);
  });
});

test("formatTabbed() parts columns where a line does not have them", () => {
  expect(formatTabbed("a\tb\nlong long line\nwide wide cell\td\n")).toBe("a         b\nlong long line\nwide wide cell   d\n");
});

test("fitWidths() leaves no column narrower than it can be read", () => {
  expect(fitWidths([40, 15, 30], 60, 3)).toEqual([22, 15, 23]);
  expect(fitWidths([40, 15, 30], 10, 3).every((width) => width >= 11)).toBe(true);
  expect(fitWidths([10, 10], 80, 3)).toEqual([10, 10]);
});

describe("mayColour()", () => {
  test("says no to docker, to NO_COLOR and to a pipe", () => {
    expect(mayColour("docker", 1, { CLICOLOR_FORCE: "1" })).toBe(false);
    expect(mayColour("gantry", 1, { CLICOLOR_FORCE: "1", NO_COLOR: "1" })).toBe(false);
    expect(mayColour("gantry", 9, {})).toBe(false);
  });

  test("says yes when it is forced, but not by 0", () => {
    expect(mayColour("gantry", 9, { CLICOLOR_FORCE: "1" })).toBe(true);
    expect(mayColour("gantry", 9, { CLICOLOR_FORCE: "0" })).toBe(false);
  });
});
