import type { Command } from "./command.ts";
import { bool } from "./flag.ts";
import { chosenPlatform, platformFlag } from "./platform-flag.ts";
import { pullImage, splitPullReference } from "./pull-image.ts";

export const pullCommand: Command = {
  synopsis: "[OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Download an image from a registry",
  aliases: ["image pull", "pull"],
  args: { min: 1, max: 1 },
  missing: ["all-tags", "a", "disable-content-trust"],
  flags: [platformFlag, bool("quiet", "Suppress verbose output", { short: "q" })],
  run: async (invocation) => {
    const { flags, args, stdout } = invocation;
    const [name = ""] = args;
    const quiet = flags.bool("quiet");
    const platform = chosenPlatform(flags);
    const { canonical, defaulted } = splitPullReference(name);
    if (defaulted && !quiet) stdout.print("Using default tag: latest\n");
    await pullImage(invocation, name, { quiet, output: stdout, ...(platform !== "" && { platform }) });
    stdout.print(`${canonical}\n`);
    return 0;
  },
};
