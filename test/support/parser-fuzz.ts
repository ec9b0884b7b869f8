// Mutants of good documents for the parsers of image names and manifests (row I37, A08): the same ones for a seed, each parsed once.
// A parser may give a value, whose laws are checked, or refuse with a fault of the caller's; anything else, or a second, is a finding.
import { isFault, messageOf } from "#base";

/** What is fed and how it is judged. */
export interface FuzzedParser {
  readonly seeds: readonly string[];
  /** Words that mean something to the parser. */
  readonly words: readonly string[];
  /** Parses and checks the laws of what came of it. @throws a fault for what is refused, anything else for a broken law */
  readonly parse: (text: string) => void;
}

export interface FuzzReport {
  readonly parsed: number;
  readonly refused: number;
  readonly findings: readonly string[];
}

/** Milliseconds that one input may take. */
const patience = 1000;
/** Findings that are kept; there is no need for more. */
const enough = 10;

export function fuzzParser(
  { seeds, words, parse }: FuzzedParser,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): FuzzReport {
  const random = randomNumbers(seed);
  const report = { parsed: 0, refused: 0, findings: [] as string[] };
  for (let round = 0; round < rounds && report.findings.length < enough; round += 1) {
    const text = mutant(seeds[random(seeds.length)] ?? "", words, random);
    const began = performance.now();
    try {
      parse(text);
      report.parsed += 1;
    } catch (error) {
      if (isFault(error, "invalid") || isFault(error, "unsupported")) report.refused += 1;
      else report.findings.push(`${JSON.stringify(text.slice(0, 300))}: ${messageOf(error)}`);
    }
    const took = performance.now() - began;
    if (took > patience) report.findings.push(`${JSON.stringify(text.slice(0, 300))}: ${Math.round(took)} ms`);
  }
  return report;
}

/** One to four changes of a seed. */
function mutant(text: string, words: readonly string[], random: (below: number) => number): string {
  let mutated = text;
  for (let changes = 1 + random(4); changes > 0; changes -= 1) {
    const at = random(mutated.length + 1);
    const end = Math.min(mutated.length, at + 1 + random(8));
    const word = random(8) === 0 ? String.fromCharCode(random(0x300)) : (words[random(words.length)] ?? "");
    switch (random(5)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(end);
        break;
      case 1:
        mutated = mutated.slice(0, end) + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + word + mutated.slice(end);
        break;
      case 3:
        mutated = mutated.slice(0, at) + word.repeat(random(random(50) === 0 ? 2000 : 4)) + mutated.slice(at);
        break;
      default:
        mutated = mutated.slice(0, at) + word + mutated.slice(at);
    }
  }
  return mutated;
}

/** Numbers below a bound by xorshift, the same for a seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
