import { closeSync, openSync, readSync } from "node:fs";
import type { Command } from "../command.ts";
import { describeOpenError } from "../environment.ts";
import { maxArchive, readContextArchive } from "./archive.ts";
import { checkNewName } from "./name.ts";
import { ContextStore } from "./store.ts";

export const contextImportCommand: Command = {
  synopsis: "CONTEXT FILE|-",
  summary: "Import a context from a tar or zip file",
  args: { min: 2, max: 2 },
  flags: [],
  run: async ({ args, config, stdout, stderr }) => {
    const [name = "", source = ""] = args;
    const store = new ContextStore(config.folder);
    checkNewName(store, name);
    const { file, tls } = readContextArchive(source === "-" ? readWhole(0, "stdin") : readFile(source));
    store.write({ ...file, Name: name }, tls);
    stdout.print(`${name}\n`);
    stderr.print(`Successfully imported context "${name}"\n`);
    return 0;
  },
};

function readFile(path: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw new Error(describeOpenError(path, error), { cause: error });
  }
  try {
    return readWhole(descriptor, path);
  } finally {
    closeSync(descriptor);
  }
}

/** No more than an archive may hold: what is larger is refused without reading it. */
function readWhole(descriptor: number, name: string): Uint8Array {
  const bytes = Buffer.alloc(maxArchive + 1);
  let filled = 0;
  while (filled < bytes.length) {
    let count: number;
    try {
      count = readSync(descriptor, bytes, filled, bytes.length - filled, null);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") continue;
      throw new Error(describeOpenError(name, error), { cause: error });
    }
    if (count === 0) return bytes.subarray(0, filled);
    filled += count;
  }
  throw new Error("read exceeds the defined limit");
}
