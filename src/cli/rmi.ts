import { DaemonError, type RemovedImage } from "#client";
import type { Command } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { eachTarget } from "./each-target.ts";
import { bool, list } from "./flag.ts";
import { platformsJson } from "./platform-flag.ts";

export const rmiCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  aliases: ["image rm", "image remove", "rmi"],
  args: { min: 1 },
  flags: [
    bool("force", "Force removal of the image", { short: "f" }),
    bool("no-prune", "Do not delete untagged parents"),
    list("platform", 'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
  ],
  run: async (invocation) => {
    const { flags, args, client, stderr, program } = invocation;
    const options = { force: flags.bool("force"), noPrune: flags.bool("no-prune"), platforms: platformsJson(flags.list("platform")) };
    return await eachTarget(invocation, args, async (image) => {
      let removed: readonly RemovedImage[];
      try {
        removed = await client.images.remove(image, options);
      } catch (error) {
        // With --force the aim is that it is gone, and it is: told, but no failure.
        if (!options.force || !(error instanceof DaemonError) || error.status !== 404) throw error;
        stderr.print(`${describeError(error, program)}\n`);
        return "";
      }
      return removed
        .map((entry) => (entry.Deleted === undefined ? `Untagged: ${entry.Untagged}\n` : `Deleted: ${entry.Deleted}\n`))
        .join("");
    });
  },
};
