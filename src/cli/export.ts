import { messageOf } from "#base";
import type { Command } from "./command.ts";
import { text } from "./flag.ts";
import { checkOutputPath, writeOutputFile } from "./output-file.ts";
import { isTerminal } from "./terminal.ts";

export const exportCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER",
  summary: "Export a container's filesystem as a tar archive",
  aliases: ["container export", "export"],
  args: { min: 1, max: 1 },
  flags: [text("output", "Write to a file, instead of STDOUT", { short: "o" })],
  run: async ({ args, flags, client, stdout }) => {
    const [container = ""] = args;
    const output = flags.text("output");
    if (output === "" && isTerminal(1)) throw new Error("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    if (output !== "") checkOutput(output);
    const archive = await client.containers.export(container);
    if (output !== "") await writeOutputFile(output, archive);
    else for await (const bytes of archive) await stdout.write(bytes);
    return 0;
  },
};

function checkOutput(path: string): void {
  try {
    checkOutputPath(path);
  } catch (error) {
    throw new Error(`failed to export container: ${messageOf(error)}`, { cause: error });
  }
}
