// Whether each flag shows: in how many cases the facts that it names are other than a plain container's.
import { type MatrixCase, seenIn } from "./cases.ts";
import type { Facts } from "./facts.ts";
import type { Option } from "./option.ts";

export interface FlagCoverage {
  readonly flag: string;
  /** Cases that say it. */
  readonly said: number;
  /** Cases in which it showed. */
  readonly shown: number;
  /** Why it need not show. */
  readonly silent: readonly string[];
}

export function flagCoverage(cases: readonly MatrixCase[], facts: ReadonlyMap<string, Facts>): readonly FlagCoverage[] {
  const plain = facts.get("m000") ?? {};
  const coverage = new Map<string, { said: number; shown: number; silent: Set<string> }>();
  for (const one of cases) {
    const seen = facts.get(one.name) ?? {};
    for (const option of one.options) {
      const entry = coverage.get(option.flag) ?? { said: 0, shown: 0, silent: new Set() };
      coverage.set(option.flag, entry);
      entry.said++;
      if (option.silent !== undefined) entry.silent.add(option.silent);
      if (seenIn(one.options).includes(option) && shows(option, plain, seen)) entry.shown++;
    }
  }
  return [...coverage].map(([flag, { silent, ...counts }]) => ({ flag, ...counts, silent: [...silent] }));
}

function shows(option: Option, plain: Facts, seen: Facts): boolean {
  const names = new Set([...Object.keys(plain), ...Object.keys(seen)]);
  return [...names].some((name) => option.shows.some((start) => name.startsWith(start)) && plain[name] !== seen[name]);
}
