import { closeSync, openSync, writeSync } from "node:fs";
import type { Command } from "../command.ts";
import { describeOpenError } from "../environment.ts";
import { isTerminal } from "../terminal.ts";
import { contextArchive } from "./archive.ts";
import { readContext } from "./read-context.ts";
import { ContextStore } from "./store.ts";

export const contextExportCommand: Command = {
  synopsis: "[OPTIONS] CONTEXT [FILE|-]",
  summary: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
  args: { min: 1, max: 2 },
  flags: [],
  run: async (invocation) => {
    const { args, config, stdout, stderr } = invocation;
    const [name = "", target = `${name}.dockercontext`] = args;
    const archive = contextArchive(readContext(invocation, new ContextStore(config.folder), name));
    if (target === "-") {
      if (isTerminal(1)) throw new Error("cowardly refusing to export to a terminal, specify a file path");
      await stdout.write(archive);
      return 0;
    }
    writeNew(target, archive);
    stderr.print(`Written file "${target}"\n`);
    return 0;
  },
};

/** For its owner alone, since it may hold a private key. @throws Error when it is there already */
function writeNew(path: string, bytes: Uint8Array): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new Error(exists ? `open ${path}: file exists` : describeOpenError(path, error), { cause: error });
  }
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
  } finally {
    closeSync(descriptor);
  }
}
