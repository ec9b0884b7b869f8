import { closeSync, fchmodSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { describeOpenError } from "./environment.ts";
import type { Command } from "./command.ts";
import { text } from "./flag.ts";
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
    if (output !== "") await writeWhole(output, archive);
    else for await (const bytes of archive) await stdout.write(bytes);
    return 0;
  },
};

function checkOutput(path: string): void {
  const refuse = (reason: string): never => {
    throw new Error(`failed to export container: ${reason}`);
  };
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    refuse(`invalid output path: stat ${folder}: no such file or directory`);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) refuse("cannot write to a directory");
  if (status !== undefined && !status.isFile()) refuse("cannot write to a device or an irregular file");
}

/** By one rename, so that half an archive never looks like a whole one. */
async function writeWhole(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const fresh = `${path}.tmp-${process.pid}`;
  let file: number;
  try {
    file = openSync(fresh, "wx", 0o600);
  } catch (error) {
    throw new Error(describeOpenError(fresh, error), { cause: error });
  }
  try {
    for await (const piece of bytes) for (let done = 0; done < piece.length;) done += writeSync(file, piece, done);
    fchmodSync(file, 0o600);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
