import type { Command, Invocation } from "../command.ts";
import { text } from "../flag.ts";
import { forGantry } from "../needs-gantry.ts";
import { checkOutputPath, writeOutputFile } from "../output-file.ts";
import { isTerminal } from "../terminal.ts";

export const volumeExportCommand: Command = {
  synopsis: "[OPTIONS] VOLUME",
  summary: "Write what lies in a volume as a tar archive",
  args: { min: 1, max: 1 },
  flags: [text("output", "Write to a file, instead of STDOUT", { short: "o" })],
  run: exportVolume,
};

async function exportVolume({ args, flags, client, stdout }: Invocation): Promise<number> {
  const [name = ""] = args;
  const output = flags.text("output");
  if (output === "" && isTerminal(1)) throw new Error("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  if (output !== "") checkOutputPath(output);
  const archive = await forGantry("volume export", () => client.volumes.export(name));
  if (output !== "") await writeOutputFile(output, archive);
  else for await (const bytes of archive) await stdout.write(bytes);
  return 0;
}
