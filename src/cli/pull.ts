import type { Command } from "./command.ts";
import { bool, text } from "./flag.ts";
import { pullImage, splitPullReference } from "./pull-image.ts";

export const pullCommand: Command = {
  synopsis: "[OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Download an image from a registry",
  aliases: ["image pull", "pull"],
  args: { min: 1, max: 1 },
  missing: ["all-tags", "a", "disable-content-trust"],
  flags: [text("platform", "Set platform if server is multi-platform capable"), bool("quiet", "Suppress verbose output", { short: "q" })],
  run: async (invocation) => {
    const { flags, args, stdout } = invocation;
    const [name = ""] = args;
    const quiet = flags.bool("quiet");
    const platform = flags.text("platform");
    const { canonical, defaulted } = splitPullReference(name);
    if (defaulted && !quiet) stdout.print("Using default tag: latest\n");
    await pullImage(invocation, name, { quiet, output: stdout, ...(platform !== "" && { platform }) });
    stdout.print(`${canonical}\n`);
    return 0;
  },
};
