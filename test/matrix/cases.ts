// 200 command lines out of the options: the same ones always, and every flag in at least two of them.
import { type Option } from "./option.ts";
import { options } from "./options/index.ts";

export interface MatrixCase {
  /** "m017"; m000 says nothing, and the others are compared with it. */
  readonly name: string;
  readonly verb: "run" | "create";
  readonly options: readonly Option[];
}

const size = 200;

/** Greedy: what was said least often comes first, so that everything occurs before anything is repeated much. */
export function matrixCases(): readonly MatrixCase[] {
  const random = randomFrom(28_5);
  const uses = new Map<Option, number>(options.map((option) => [option, 0]));
  const cases: MatrixCase[] = [{ name: "m000", verb: "run", options: [] }];
  while (cases.length <= size) {
    const wanted = 3 + Math.floor(random() * 5);
    const order = options
      .map((option) => ({ option, rank: (uses.get(option) ?? 0) * (option.refused ? 100 : 1) + random() * 0.9 }))
      .toSorted((left, right) => left.rank - right.rank)
      .map(({ option }) => option);
    const chosen: Option[] = [];
    for (const option of order) if (chosen.length < wanted && fits(option, chosen)) chosen.push(option);
    for (const option of seenIn(chosen)) uses.set(option, (uses.get(option) ?? 0) + 1);
    const verb = chosen.find((option) => option.verb !== undefined)?.verb ?? (random() < 0.1 ? "create" : "run");
    cases.push({ name: `m${String(cases.length).padStart(3, "0")}`, verb, options: chosen });
  }
  return cases;
}

/** What can be seen of a case: a refusal hides all else. */
export function seenIn(chosen: readonly Option[]): readonly Option[] {
  const refusals = chosen.filter(({ refused }) => refused);
  return refusals.length > 0 ? refusals : chosen;
}

/** A refusal hides whatever else was said, so it stands alone but for two. */
function fits(option: Option, chosen: readonly Option[]): boolean {
  const claimed = new Set(chosen.flatMap(({ claims }) => claims));
  if (option.claims.some((claim) => claimed.has(claim))) return false;
  if (chosen.some(({ verb }) => verb !== undefined && option.verb !== undefined && verb !== option.verb)) return false;
  if (chosen.some((other) => other.refused)) return !option.refused && chosen.length < 3;
  return !option.refused || chosen.length === 0;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** As one would type it, but for the name that every case gets. */
export function lineOf({ verb, options: chosen }: MatrixCase): string {
  return [verb, ...chosen.flatMap(({ words }) => words.map((word) => (word.includes(" ") ? `'${word}'` : word)))].join(" ");
}
