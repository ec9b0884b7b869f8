import type { ToolKind } from "../scripts/peers/tool-peer.ts";
import type { EngineName } from "./engine.ts";
import type { Row } from "./row.ts";

export type Measured = EngineName | ToolKind;

interface Figure {
  readonly engine: Measured;
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly samples: readonly number[];
}

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly unit: Row["unit"];
  readonly figures: readonly Figure[];
  /** Median of the faster Docker 28 (of 20.10 where no other was measured) over ours. */
  readonly ratio?: number;
  readonly floor?: number;
  readonly bound?: number;
  readonly met: boolean;
  readonly load: number;
  readonly noisy: boolean;
}

export function summarize(
  row: Row,
  samples: ReadonlyMap<Measured, readonly number[]>,
  circumstances: { readonly load: number; readonly noisy: boolean },
): RowResult {
  const figures = [...samples].map(([engine, taken]) => ({
    engine,
    n: taken.length,
    min: Math.min(...taken),
    median: median(taken),
    samples: taken,
  }));
  const ours = figures.find(({ engine }) => engine === "gantry")?.median ?? Number.NaN;
  const peers = figures.filter(({ engine }) => engine.startsWith("docker"));
  const newest = peers.filter(({ engine }) => engine !== "docker20");
  const judged = newest.length > 0 ? newest : peers;
  const ratio = judged.length === 0 ? undefined : Math.min(...judged.map((figure) => figure.median)) / ours;
  const met = (row.floor === undefined || ratio === undefined || ratio >= row.floor) && (row.bound === undefined || ours <= row.bound);
  const { id, title, unit, floor, bound } = row;
  return {
    id,
    title,
    unit,
    figures,
    met,
    ...circumstances,
    ...(ratio !== undefined && { ratio }),
    ...(floor !== undefined && { floor }),
    ...(bound !== undefined && { bound }),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One line a row and an engine. */
export function formatTable(results: readonly RowResult[], heading: boolean): string {
  const lines = heading ? [line(["row", "engine", "n", "min", "median", "ratio", "wanted"])] : [];
  for (const result of results) {
    lines.push(`${result.id}: ${result.title} (${result.unit}${result.noisy ? `, NOISY: load ${result.load.toFixed(1)}` : ""})`);
    for (const { engine, n, min, median } of result.figures) {
      const own = engine === "gantry";
      const ratio = own && result.ratio !== undefined ? `${result.ratio.toFixed(1)}x` : "";
      lines.push(line(["", engine, String(n), digits(min), digits(median), ratio, own ? verdict(result) : ""]));
    }
  }
  return lines.join("\n");
}

/** Two decimals where they tell something. */
function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function verdict({ floor, bound, met }: RowResult): string {
  const wanted = [floor === undefined ? "" : `>= ${floor}x`, bound === undefined ? "" : `<= ${bound}`].filter((text) => text !== "");
  return wanted.length === 0 ? "" : `${wanted.join(", ")}: ${met ? "met" : "MISSED"}`;
}

function line(cells: readonly string[]): string {
  const widths = [5, 10, 4, 9, 9, 7, 0];
  return cells.map((cell, at) => (at < 2 || at === 6 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" ");
}
