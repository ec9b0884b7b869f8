import type { Command, Invocation } from "../command.ts";
import { objectFormatFlag } from "../format-flag.ts";
import { inspectEach } from "../inspect-each.ts";
import { goJson } from "../json-text.ts";
import { readContext } from "./read-context.ts";
import { ContextStore, defaultContext } from "./store.ts";

const inMemory = "<IN MEMORY>";

export const contextInspectCommand: Command = {
  synopsis: "[OPTIONS] [CONTEXT] [CONTEXT...]",
  summary: "Display detailed information on one or more contexts",
  args: { min: 0 },
  flags: [objectFormatFlag],
  run: (invocation) => {
    const names = invocation.args.length === 0 ? [invocation.context] : invocation.args;
    return inspectEach(invocation, names, async (name) => {
      const json = goJson(description(invocation, name));
      return await Promise.resolve({ json, type: "context.contextWithTLSListing", isOwn: true });
    });
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
