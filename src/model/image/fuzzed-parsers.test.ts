import { expect, test } from "bun:test";
import { configParser, manifestParser, platformParser, referenceParser } from "../../../test/support/fuzzed-parsers.ts";
import { fuzzParser, type FuzzedParser } from "../../../test/support/parser-fuzz.ts";

const parsers: readonly (readonly [string, FuzzedParser])[] = [
  ["parseReference()", referenceParser],
  ["parseManifest()", manifestParser],
  ["parseConfig()", configParser],
  ["parsePlatform()", platformParser],
];

test.each(parsers)("%s takes or refuses 20,000 mutants, and keeps its laws (I37, A08)", (_name, parser) => {
  const { parsed, refused, findings } = fuzzParser(parser, { rounds: 20_000, seed: 20261121 });
  expect(findings).toEqual([]);
  // Mutants that all fail at the first character would find nothing.
  expect(Math.min(parsed, refused)).toBeGreaterThan(500);
});

test("fuzzParser() finds what is planted: a crash, and a law that does not hold", () => {
  const crash: FuzzedParser = {
    ...referenceParser,
    parse: (text) => {
      if (text.includes("@")) throw new TypeError("planted");
    },
  };
  expect(fuzzParser(crash, { rounds: 2000, seed: 1 }).findings[0]).toContain("planted");
});
