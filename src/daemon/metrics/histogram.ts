import type { Sample } from "./text-format.ts";

/** Upper bounds in seconds, as Docker's and Prometheus' own. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** How long something took, one series for each value of a label. */
export class Histogram {
  readonly #label: string;
  readonly #series = new Map<string, { readonly counts: number[]; sum: number; count: number }>();

  /** `values` are there from the beginning, with nothing counted. */
  constructor(label: string, values: readonly string[]) {
    this.#label = label;
    for (const value of values) this.#of(value);
  }

  observe(value: string, seconds: number): void {
    const series = this.#of(value);
    series.sum += seconds;
    series.count += 1;
    const slot = bounds.findIndex((bound) => seconds <= bound);
    if (slot !== -1) series.counts[slot] = (series.counts[slot] ?? 0) + 1;
  }

  /** Buckets add up, each with those below it. */
  samples(): readonly Sample[] {
    return [...this.#series].flatMap(([value, { counts, sum, count }]) => {
      const labels = { [this.#label]: value };
      let below = 0;
      const buckets = bounds.map((bound, index) => ({
        suffix: "_bucket",
        labels: { ...labels, le: String(bound) },
        value: (below += counts[index] ?? 0),
      }));
      return [
        ...buckets,
        { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
        { suffix: "_sum", labels, value: sum },
        { suffix: "_count", labels, value: count },
      ];
    });
  }

  #of(value: string): { readonly counts: number[]; sum: number; count: number } {
    const known = this.#series.get(value);
    if (known !== undefined) return known;
    const made = { counts: bounds.map(() => 0), sum: 0, count: 0 };
    this.#series.set(value, made);
    return made;
  }
}
