import type { Command } from "../command.ts";
import { eachTarget } from "../each-target.ts";
import { bool } from "../flag.ts";

export const volumeRmCommand: Command = {
  synopsis: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
  aliases: ["volume rm", "volume remove"],
  args: { min: 1 },
  flags: [bool("force", "Force the removal of one or more volumes", { short: "f" })],
  run: (invocation) =>
    eachTarget(invocation, invocation.args, async (name) => {
      await invocation.client.volumes.remove(name, { force: invocation.flags.bool("force") });
      return `${name}\n`;
    }),
};
