import type { Invocation } from "../command.ts";
import { filterFlag } from "../filter-flag.ts";
import { bool, type Flag, list } from "../flag.ts";

export const forceFlag: Flag = bool("force", "Do not prompt for confirmation", { short: "f" });

/** `--filter` of a prune, without a short form since that is --force. */
export function pruneFilterFlag(example: string): Flag {
  const { check, valueName } = filterFlag;
  return list("filter", `Provide filter values (e.g. "${example}")`, { valueName, ...(check !== undefined && { check }) });
}

/**
 * Filters of a prune: those given, and behind them the `pruneFilters` of config.json, by which users protect what shall never go. One that says
 * the opposite of a given label is left out.
 */
export function pruneFilters({ flags, config }: Pick<Invocation, "flags" | "config">): readonly string[] {
  const given = flags.list("filter");
  const opposite = (filter: string): string =>
    filter.startsWith("label!=") ? filter.replace("!", "") : filter.replace(/^label=/, "label!=");
  const kept = config
    .list("pruneFilters")
    .filter((filter) => filter.includes("=") && (opposite(filter) === filter || !given.includes(opposite(filter))));
  return [...given, ...kept];
}
