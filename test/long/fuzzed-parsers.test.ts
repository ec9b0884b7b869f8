import { expect, test } from "bun:test";
import { configParser, manifestParser, platformParser, referenceParser } from "../support/fuzzed-parsers.ts";
import { fuzzParser, type FuzzedParser } from "../support/parser-fuzz.ts";

const rounds = 10_000_000;

test.each<readonly [string, FuzzedParser]>([
  ["reference", referenceParser],
  ["manifest", manifestParser],
  ["config", configParser],
  ["platform", platformParser],
])(
  "I37 the parser of %s takes or refuses 10^7 mutants",
  (_name, parser) => {
    // A seed of its own each time: it is told with what it found.
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
    const { parsed, refused, findings } = fuzzParser(parser, { rounds, seed });
    expect({ seed, findings }).toEqual({ seed, findings: [] });
    expect(parsed + refused).toBe(rounds);
  },
  3_600_000,
);
