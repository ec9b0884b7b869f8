import type { Command, Invocation } from "../command.ts";
import { collectFilters } from "../filter-flag.ts";
import { confirm } from "./confirm.ts";
import { forceFlag, pruneFilterFlag, pruneFilters } from "./flags.ts";
import { pruneKind } from "./kinds.ts";

export const networkPruneCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Remove all unused networks",
  args: { min: 0, max: 0 },
  flags: [pruneFilterFlag("until=<timestamp>"), forceFlag],
  run: async (invocation: Invocation): Promise<number> => {
    const { flags, client, stdout } = invocation;
    const filters = collectFilters(pruneFilters(invocation));
    const warning = "WARNING! This will remove all custom networks not used by at least one container.";
    if (!flags.bool("force") && !(await confirm(stdout, warning))) return 0;
    stdout.print((await pruneKind(client, "networks", { filters })).text);
    return 0;
  },
};
