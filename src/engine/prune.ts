import { fault, type Instant, matchesLabel } from "#base";
import type { PruneFilters } from "./verbs.ts";

/** Whether what was created then and has these labels is meant by a prune. */
export function isPruned(
  { until, labels = [], withoutLabels }: PruneFilters,
  thing: { readonly created: Instant; readonly labels: Readonly<Record<string, string>> },
): boolean {
  if (until !== undefined && thing.created > until) return false;
  if (!labels.every((condition) => matchesLabel(thing.labels, condition))) return false;
  return withoutLabels === undefined || !withoutLabels.every((condition) => matchesLabel(thing.labels, condition));
}

/** Lets one prune of a kind run at a time, as Docker does. */
export class PruneTurn {
  readonly #refusal: string;
  #isTaken = false;

  constructor(refusal = "a prune operation is already running") {
    this.#refusal = refusal;
  }

  /** @throws conflict while another one runs */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isTaken) throw fault("conflict", this.#refusal);
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#isTaken = false;
    }
  }
}
