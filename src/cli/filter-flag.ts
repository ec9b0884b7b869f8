import type { Filters } from "#client";
import { type Flag, list } from "./flag.ts";

/** `--filter name=value`, given as often as needed. */
export const filterFlag: Flag = list("filter", "Filter output based on conditions provided", {
  short: "f",
  valueName: "filter",
  check: (value) => void splitFilter(value),
});

/** Filters by name, as the API takes them. */
export function collectFilters(values: readonly string[]): Filters {
  const filters: Record<string, string[]> = {};
  for (const value of values) {
    if (value === "") continue;
    const [name, wanted] = splitFilter(value);
    (filters[name] ??= []).push(wanted);
  }
  return filters;
}

function splitFilter(value: string): [string, string] {
  const equals = value.indexOf("=");
  if (value !== "" && equals === -1) throw new Error("bad format of filter (expected name=value)");
  return [value.slice(0, equals).trim().toLowerCase(), value.slice(equals + 1).trim()];
}
