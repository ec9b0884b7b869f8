// What the view shows, as values: the rows come from the daemon, the rest from keys.
import type { UsageFigures } from "../usage-row.ts";

export interface DashRow {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Docker's words: "Up 5 minutes (Paused)". */
  readonly status: string;
  /** Docker's word: "running", "paused", "exited". */
  readonly state: string;
  /** Absent while it does not run, and before its first reading. */
  readonly figures?: UsageFigures;
}

const sortKeys = ["name", "status", "cpu", "memory", "network"] as const;
export type SortKey = (typeof sortKeys)[number];

export interface DashState {
  readonly sort: SortKey;
  /** Against the order that is usual for the key. */
  readonly reversed: boolean;
  /** Id of the row whose log is shown. */
  readonly selected?: string;
  /** The last thing that was done, or went wrong. */
  readonly message: string;
}

export const firstState: DashState = { sort: "name", reversed: false, message: "" };

/** Letters that choose the order. */
const sortLetters: Readonly<Record<string, SortKey>> = { n: "name", u: "status", c: "cpu", m: "memory", t: "network" };

/** What a key asks of a container. */
export type DashAction = "stop" | "restart" | "pause";
const actionLetters: Readonly<Record<string, DashAction>> = { s: "stop", r: "restart", p: "pause" };

export function actionOf(key: string): DashAction | undefined {
  return actionLetters[key];
}

/** The state after a key; `page` is how many rows are seen at once. Keys that say nothing change nothing. */
export function applyKey(state: DashState, key: string, rows: readonly DashRow[], page: number): DashState {
  const sort = sortLetters[key];
  if (sort !== undefined) return { ...state, sort, reversed: sort === state.sort && !state.reversed };
  const steps: Readonly<Record<string, number>> = { up: -1, down: 1, "page-up": -page, "page-down": page, home: -Infinity, end: Infinity };
  const step = steps[key];
  if (step === undefined || rows.length === 0) return state;
  const at = Math.max(0, selectedIndex(state, rows)) + step;
  const { id } = rows[Math.min(rows.length - 1, Math.max(0, at))] ?? { id: "" };
  return { ...state, selected: id };
}

/** Where the selected row is; the first one where none is selected or it is gone, -1 without rows. */
export function selectedIndex({ selected }: DashState, rows: readonly DashRow[]): number {
  const found = rows.findIndex(({ id }) => id === selected);
  return found === -1 && rows.length > 0 ? 0 : found;
}

/** Rows in the order of the state; those that tie are by name. */
export function sorted(rows: readonly DashRow[], { sort, reversed }: DashState): readonly DashRow[] {
  const way = reversed ? -1 : 1;
  return rows.toSorted((a, b) => way * compare(a, b, sort) || byText(a.name, b.name) || byText(a.id, b.id));
}

/** Words upwards, figures downwards: the busiest first. */
function compare(a: DashRow, b: DashRow, key: SortKey): number {
  if (key === "name") return byText(a.name, b.name);
  if (key === "status") return byText(a.status, b.status);
  return figure(b, key) - figure(a, key);
}

function figure({ figures }: DashRow, key: Exclude<SortKey, "name" | "status">): number {
  if (figures === undefined) return -1;
  if (key === "cpu") return figures.cpu;
  return key === "memory" ? figures.memory : figures.received + figures.sent;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
