import type { Command } from "./command.ts";
import { bool, text } from "./flag.ts";
import { openInput } from "./input-file.ts";
import { platformJson } from "./platform-flag.ts";
import { showProgress } from "./progress-display.ts";
import { isTerminal } from "./terminal.ts";

export const loadCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Load an image from a tar archive or STDIN",
  aliases: ["image load", "load"],
  args: { min: 0, max: 0 },
  flags: [
    text("input", "Read from tar archive file, instead of STDIN", { short: "i" }),
    text("platform", 'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
    bool("quiet", "Suppress the load output", { short: "q" }),
  ],
  run: async ({ flags, client, stdout }) => {
    const input = flags.text("input");
    if (input === "" && isTerminal(0)) throw new Error("requested load from stdin, but stdin is empty");
    const platform = platformJson(flags.text("platform"));
    const archive = await openInput(input);
    const quiet = flags.bool("quiet") || !isTerminal(1);
    await showProgress(await client.images.load(archive, { quiet, ...(platform !== undefined && { platform }) }), stdout);
    return 0;
  },
};
