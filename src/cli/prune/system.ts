import type { PrunedKind } from "#client";
import type { Command, Invocation } from "../command.ts";
import { collectFilters } from "../filter-flag.ts";
import { bool } from "../flag.ts";
import { confirm } from "./confirm.ts";
import { forceFlag, pruneFilterFlag, pruneFilters } from "./flags.ts";
import { pruneKind, totalLine } from "./kinds.ts";

export const systemPruneCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Remove unused data",
  args: { min: 0, max: 0 },
  flags: [
    bool("all", "Remove all unused images not just dangling ones", { short: "a" }),
    pruneFilterFlag("label=<key>=<value>"),
    forceFlag,
    bool("volumes", "Prune anonymous volumes"),
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, client, stdout } = invocation;
  const given = pruneFilters(invocation);
  const [all, volumes] = [flags.bool("all"), flags.bool("volumes")];
  const filters = collectFilters(given);
  if (volumes && flags.list("filter").some((filter) => filter.startsWith("until=")))
    throw new Error(`ERROR: The "until" filter is not supported with "--volumes"`);
  if (!flags.bool("force") && !(await confirm(stdout, warning({ all, volumes, given })))) return 0;
  let total = 0;
  const kinds: readonly PrunedKind[] = ["containers", "networks", ...(volumes ? (["volumes"] as const) : []), "images", "build"];
  for (const kind of kinds) {
    const wanted = kind === "images" ? { ...filters, dangling: [String(!all)] } : filters;
    const { text, reclaimed } = await pruneKind(client, kind, { filters: wanted, ...(kind === "build" && all && { all }) });
    stdout.print(text);
    total += reclaimed;
  }
  stdout.print(totalLine(total));
  return 0;
}

/** What is about to go, as Docker lists it. */
export function warning(asked: { readonly all: boolean; readonly volumes: boolean; readonly given: readonly string[] }): string {
  const { all, volumes, given } = asked;
  const lines = [
    "WARNING! This will remove:",
    "  - all stopped containers",
    "  - all networks not used by at least one container",
    ...(volumes ? ["  - all anonymous volumes not used by at least one container"] : []),
    all ? "  - all images without at least one container associated to them" : "  - all dangling images",
    all ? "  - all build cache" : "  - unused build cache",
    "",
  ];
  if (given.length === 0) return lines.join("\n");
  return [...lines, "  Items to be pruned will be filtered with:", ...given.toSorted().map((filter) => `  - ${filter}`), ""].join("\n");
}
