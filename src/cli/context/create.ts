import { messageOf } from "#base";
import type { Command, Invocation } from "../command.ts";
import { text } from "../flag.ts";
import { endpointFlag, endpointHelp, readEndpoint } from "./endpoint-flag.ts";
import { checkNewName } from "./name.ts";
import { readContext } from "./read-context.ts";
import { type ContextFile, ContextStore, type TlsFiles } from "./store.ts";

const example =
  '{program} context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"';

export const contextCreateCommand: Command = {
  synopsis: "[OPTIONS] CONTEXT",
  summary: `Create a context\n\n${endpointHelp}\n\nExample:\n\n$ ${example}`,
  args: { min: 1, max: 1 },
  flags: [text("description", "Description of the context"), endpointFlag, text("from", "create context from a named context")],
  run: async (invocation) => {
    const { args, config, stdout, stderr } = invocation;
    const [name = ""] = args;
    const store = new ContextStore(config.folder);
    checkNewName(store, name);
    const { context, tls } = newContext(invocation, name, store);
    store.write(context, tls);
    stdout.print(`${name}\n`);
    stderr.print(`Successfully created context "${name}"\n`);
    return 0;
  },
};

interface NewContext {
  readonly context: ContextFile;
  readonly tls: Readonly<Record<string, TlsFiles>>;
}

/** Without `--docker` it is a copy of another one: of that in use unless `--from` names it. */
function newContext(invocation: Invocation, name: string, store: ContextStore): NewContext {
  const { flags } = invocation;
  const description = flags.text("description");
  if (!flags.changed("docker")) {
    const { file, tls } = readContext(invocation, store, flags.text("from") || invocation.context);
    const Metadata = { ...file.Metadata, ...(description !== "" && { Description: description }) };
    return { context: { ...file, Name: name, Metadata }, tls };
  }
  if (flags.changed("from")) throw new Error("cannot use --docker flag when --from is set");
  try {
    const { endpoint, tls } = readEndpoint(flags.list("docker"), store);
    const Metadata = description === "" ? {} : { Description: description };
    return { context: { Name: name, Metadata, Endpoints: { docker: endpoint } }, tls: { docker: tls } };
  } catch (error) {
    throw new Error(`unable to create docker endpoint config: ${messageOf(error)}`, { cause: error });
  }
}
