import { filterFlag } from "../filter-flag.ts";
import { bool, type Flag, list } from "../flag.ts";

export const forceFlag: Flag = bool("force", "Do not prompt for confirmation", { short: "f" });

/** `--filter` of a prune, without a short form since that is --force. */
export function pruneFilterFlag(example: string): Flag {
  const { check, valueName } = filterFlag;
  return list("filter", `Provide filter values (e.g. "${example}")`, { valueName, ...(check !== undefined && { check }) });
}
