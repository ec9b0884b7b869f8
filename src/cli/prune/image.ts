import type { Command, Invocation } from "../command.ts";
import { collectFilters } from "../filter-flag.ts";
import { bool } from "../flag.ts";
import { confirm } from "./confirm.ts";
import { forceFlag, pruneFilterFlag, pruneFilters } from "./flags.ts";
import { pruneKind, totalLine } from "./kinds.ts";

export const imagePruneCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Remove unused images",
  args: { min: 0, max: 0 },
  flags: [bool("all", "Remove all unused images, not just dangling ones", { short: "a" }), pruneFilterFlag("until=<timestamp>"), forceFlag],
  run: async (invocation: Invocation): Promise<number> => {
    const { flags, client, stdout } = invocation;
    const all = flags.bool("all");
    const meant = all ? "all images without at least one container associated to them." : "all dangling images.";
    const filters = { ...collectFilters(pruneFilters(invocation)), dangling: [String(!all)] };
    if (!flags.bool("force") && !(await confirm(stdout, `WARNING! This will remove ${meant}`))) return 0;
    const { text, reclaimed } = await pruneKind(client, "images", { filters });
    stdout.print(`${text}${totalLine(reclaimed)}`);
    return 0;
  },
};
