import { messageOf } from "#base";
import type { Command, Invocation } from "./command.ts";
import { text } from "./flag.ts";
import { checkOutputPath, writeOutputFile } from "./output-file.ts";
import { platformJson } from "./platform-flag.ts";
import { isTerminal } from "./terminal.ts";

export const saveCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  aliases: ["image save", "save"],
  args: { min: 1 },
  flags: [
    text("output", "Write to a file, instead of STDOUT", { short: "o" }),
    text("platform", 'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
  ],
  run: save,
};

async function save({ flags, args, client, stdout }: Invocation): Promise<number> {
  const platform = platformJson(flags.text("platform"));
  const output = flags.text("output");
  if (output === "" && isTerminal(stdout.descriptor))
    throw new Error("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  if (output !== "") check(output);
  const archive = await client.images.save(args, platform === undefined ? {} : { platform });
  if (output !== "") await writeOutputFile(output, archive);
  else for await (const piece of archive) await stdout.write(piece);
  return 0;
}

function check(path: string): void {
  try {
    checkOutputPath(path);
  } catch (error) {
    throw new Error(`failed to save image: ${messageOf(error)}`, { cause: error });
  }
}
