import { messageOf } from "#base";
import type { Command } from "../command.ts";
import { text } from "../flag.ts";
import { endpointFlag, endpointHelp, type EndpointSettings, readEndpoint } from "./endpoint-flag.ts";
import { checkContextName } from "./name.ts";
import { ContextStore } from "./store.ts";

const example =
  '{program} context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"';

export const contextUpdateCommand: Command = {
  synopsis: "[OPTIONS] CONTEXT",
  summary: `Update a context\n\n${endpointHelp}\n\nExample:\n\n$ ${example}`,
  args: { min: 1, max: 1 },
  flags: [text("description", "Description of the context"), endpointFlag],
  run: async ({ args, flags, config, stdout, stderr }) => {
    const [name = ""] = args;
    const store = new ContextStore(config.folder);
    checkContextName(name);
    const before = store.read(name);
    const description = flags.text("description");
    const Metadata = { ...before.Metadata, ...(description !== "" && { Description: description }) };
    const settings = flags.changed("docker") ? endpointOrExplain(flags.list("docker"), store) : undefined;
    const Endpoints = { ...before.Endpoints, ...(settings && { docker: settings.endpoint }) };
    store.write({ ...before, Metadata, Endpoints }, settings && { docker: settings.tls });
    stdout.print(`${name}\n`);
    stderr.print(`Successfully updated context "${name}"\n`);
    return 0;
  },
};

function endpointOrExplain(values: readonly string[], store: ContextStore): EndpointSettings {
  try {
    return readEndpoint(values, store);
  } catch (error) {
    throw new Error(`unable to create docker endpoint config: ${messageOf(error)}`, { cause: error });
  }
}
