import type { Command } from "./command.ts";
import { eachTarget } from "./each-target.ts";
import { bool } from "./flag.ts";

export const rmiCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  aliases: ["image rm", "image remove", "rmi"],
  args: { min: 1 },
  missing: ["platform"],
  flags: [bool("force", "Force removal of the image", { short: "f" }), bool("no-prune", "Do not delete untagged parents")],
  run: async (invocation) => {
    const { flags, args, client } = invocation;
    const options = { force: flags.bool("force"), noPrune: flags.bool("no-prune") };
    return await eachTarget(invocation, args, async (image) => {
      const removed = await client.images.remove(image, options);
      return removed
        .map((entry) => (entry.Deleted === undefined ? `Untagged: ${entry.Untagged}\n` : `Deleted: ${entry.Deleted}\n`))
        .join("");
    });
  },
};
