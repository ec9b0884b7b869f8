import type { Command, Invocation } from "../command.ts";
import { collectFilters } from "../filter-flag.ts";
import { bool } from "../flag.ts";
import { confirm } from "./confirm.ts";
import { forceFlag, pruneFilterFlag, pruneFilters } from "./flags.ts";
import { pruneKind, totalLine } from "./kinds.ts";

export const volumePruneCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Remove unused local volumes",
  args: { min: 0, max: 0 },
  flags: [bool("all", "Remove all unused volumes, not just anonymous ones", { short: "a" }), pruneFilterFlag("label=<label>"), forceFlag],
  run: async (invocation: Invocation): Promise<number> => {
    const { flags, client, stdout } = invocation;
    const all = flags.bool("all");
    const given = collectFilters(pruneFilters(invocation));
    if (all && given["all"] !== undefined) throw new Error("conflicting options: cannot specify both --all and --filter all=1");
    const filters = all ? { ...given, all: ["true"] } : given;
    const meant = all
      ? "all local volumes not used by at least one container."
      : "anonymous local volumes not used by at least one container.";
    if (!flags.bool("force") && !(await confirm(stdout, `WARNING! This will remove ${meant}`))) return 0;
    const { text, reclaimed } = await pruneKind(client, "volumes", { filters });
    stdout.print(`${text}${totalLine(reclaimed)}`);
    return 0;
  },
};
