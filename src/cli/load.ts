import type { Command } from "./command.ts";
import { describeOpenError } from "./environment.ts";
import { bool, text } from "./flag.ts";
import { showProgress } from "./progress-display.ts";
import { isTerminal } from "./terminal.ts";

export const loadCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Load an image from a tar archive or STDIN",
  aliases: ["image load", "load"],
  args: { min: 0, max: 0 },
  missing: ["platform"],
  flags: [
    text("input", "Read from tar archive file, instead of STDIN", { short: "i" }),
    bool("quiet", "Suppress the load output", { short: "q" }),
  ],
  run: async ({ flags, client, stdout }) => {
    const input = flags.text("input");
    if (input === "" && isTerminal(0)) throw new Error("requested load from stdin, but stdin is empty");
    const archive = await openArchive(input);
    const quiet = flags.bool("quiet") || !isTerminal(1);
    await showProgress(await client.images.load(archive, { quiet }), stdout);
    return 0;
  },
};

async function openArchive(path: string): Promise<ReadableStream<Uint8Array>> {
  if (path === "") return Bun.stdin.stream();
  const file = Bun.file(path);
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
  } catch (error) {
    throw new Error(describeOpenError(path, error), { cause: error });
  }
  return file.stream();
}
