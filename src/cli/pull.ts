import type { Command } from "./command.ts";
import { contentTrustFlag, refuseContentTrust } from "./content-trust.ts";
import { bool } from "./flag.ts";
import { chosenPlatform, platformFlag } from "./platform-flag.ts";
import { pullImage, splitPullReference } from "./pull-image.ts";

export const pullCommand: Command = {
  synopsis: "[OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Download an image from a registry",
  aliases: ["image pull", "pull"],
  args: { min: 1, max: 1 },
  flags: [
    bool("all-tags", "Download all tagged images in the repository", { short: "a" }),
    contentTrustFlag("verification"),
    platformFlag,
    bool("quiet", "Suppress verbose output", { short: "q" }),
  ],
  run: async (invocation) => {
    const { flags, args, stdout } = invocation;
    refuseContentTrust(flags, process.env);
    const [name = ""] = args;
    const all = flags.bool("all-tags");
    const quiet = flags.bool("quiet");
    const platform = chosenPlatform(flags);
    const { canonical, defaulted } = splitPullReference(name);
    if (all && !defaulted) throw new Error("tag can't be used with --all-tags/-a");
    if (defaulted && !all && !quiet) stdout.print("Using default tag: latest\n");
    await pullImage(invocation, name, { quiet, all, output: stdout, ...(platform !== "" && { platform }) });
    stdout.print(`${all ? canonical.replace(/:latest$/, "") : canonical}\n`);
    return 0;
  },
};
