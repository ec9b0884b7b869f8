import type { Command, Invocation } from "../command.ts";
import { collectFilters } from "../filter-flag.ts";
import { confirm } from "./confirm.ts";
import { forceFlag, pruneFilterFlag, pruneFilters } from "./flags.ts";
import { pruneKind, totalLine } from "./kinds.ts";

export const containerPruneCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Remove all stopped containers",
  args: { min: 0, max: 0 },
  flags: [pruneFilterFlag("until=<timestamp>"), forceFlag],
  run: async (invocation: Invocation): Promise<number> => {
    const { flags, client, stdout } = invocation;
    const filters = collectFilters(pruneFilters(invocation));
    if (!flags.bool("force") && !(await confirm(stdout, "WARNING! This will remove all stopped containers."))) return 0;
    const { text, reclaimed } = await pruneKind(client, "containers", { filters });
    stdout.print(`${text}${totalLine(reclaimed)}`);
    return 0;
  },
};
