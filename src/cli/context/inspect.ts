import { messageOf } from "#base";
import type { Command, Invocation } from "../command.ts";
import { objectFormatFlag, outputFormat } from "../format-flag.ts";
import { goJson, indentJson } from "../json-text.ts";
import { readContext } from "./read-context.ts";
import { ContextStore, defaultContext } from "./store.ts";

const inMemory = "<IN MEMORY>";

export const contextInspectCommand: Command = {
  synopsis: "[OPTIONS] [CONTEXT] [CONTEXT...]",
  summary: "Display detailed information on one or more contexts",
  args: { min: 0 },
  flags: [objectFormatFlag],
  run: async (invocation) => {
    const { args, context, flags, stdout, stderr } = invocation;
    const format = outputFormat(flags.text("format"));
    const found: string[] = [];
    const failures: string[] = [];
    for (const name of args.length === 0 ? [context] : args) {
      try {
        found.push(goJson(description(invocation, name)));
      } catch (error) {
        failures.push(`${messageOf(error)}\n`);
      }
    }
    const whole = `[${found.join(",")}]`;
    stdout.print(`${format === "json" ? whole : indentJson(whole)}\n`);
    stderr.print(failures.join(""));
    return failures.length === 0 ? 0 : 1;
  },
};

function description(invocation: Invocation, name: string): object {
  const store = new ContextStore(invocation.config.folder);
  const { file, tls } = readContext(invocation, store, name);
  const TLSMaterial = Object.fromEntries(Object.entries(tls).map(([endpoint, files]) => [endpoint, Object.keys(files)]));
  if (name !== defaultContext) {
    return { ...file, TLSMaterial, Storage: { MetadataPath: store.metaFolder(name), TLSPath: store.tlsFolder(name) } };
  }
  return { ...file, Metadata: {}, TLSMaterial, Storage: { MetadataPath: inMemory, TLSPath: inMemory } };
}
