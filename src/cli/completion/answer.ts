// `__complete` and `__completeNoDesc`, as the scripts of every shell ask: values by line, then the directive.
import { isBuiltin } from "../catalogue.ts";
import { globalFlags } from "../global-flags.ts";
import { chooseContext, connectClient, resolveHost } from "../host.ts";
import { Output } from "../output.ts";
import { type Grammar, type Parsed, parseFlags } from "../parse-flags.ts";
import { findPlugin, listPlugins } from "../plugins/plugin.ts";
import { runPlugin } from "../plugins/run-plugin.ts";
import { openConfig, userAgent } from "../run-command.ts";
import { completeLine, type CompletionOptions } from "./complete.ts";
import { scanWords } from "./scan-words.ts";
import { directiveNames, directives, type Suggestion } from "./suggestion.ts";

/** How long a shell may wait for a daemon, in milliseconds. */
const patience = 1000;

/** Answers for the words behind `__complete`; a plugin answers for itself. */
export async function answerCompletion(words: readonly string[], { described }: { readonly described: boolean }): Promise<number> {
  const stderr = new Output(2);
  const globals = { flags: globalFlags(process.env), interspersed: false };
  using clients = new DisposableStack();
  const global = globalsBefore(globals, words);
  const config = await openConfig(global, stderr);
  const context = chooseContext(global.values, process.env, config);
  const options: CompletionOptions = {
    globals,
    plugins: async () =>
      (await listPlugins(config, isBuiltin)).flatMap(({ name, metadata, problem }): Suggestion[] =>
        problem === undefined && metadata.Hidden !== true ? [{ value: name, description: metadata.ShortDescription ?? "" }] : [],
      ),
    situation: {
      config,
      context,
      client: () => {
        const host = resolveHost(context, global.values, process.env, config);
        const client = clients.use(connectClient(host, { env: process.env, config, autostart: false, userAgent }));
        return client.endingWith(AbortSignal.timeout(patience));
      },
    },
  };
  const completion = await completeLine(words, options);
  if ("plugin" in completion) {
    const plugin = await findPlugin(completion.plugin, config);
    if (plugin !== undefined) return await runPlugin(plugin, [described ? "__complete" : "__completeNoDesc", ...words], {});
  }
  const { values, directive } = "plugin" in completion ? { values: [], directive: directives.files } : completion.suggestions;
  const lines = values.map(({ value, description = "" }) => (described && description !== "" ? `${value}\t${description}` : value));
  new Output(1).print([...lines, `:${directive}`, ""].join("\n"));
  stderr.print(`Completion ended with directive: ${directiveNames[directive]}\n`);
  return 0;
}

/** The flags before the command; none where they are what is being typed. */
function globalsBefore(globals: Grammar, words: readonly string[]): Parsed {
  const { rest } = scanWords(globals, words);
  try {
    return parseFlags(globals, rest.length === 0 ? [] : words.slice(0, -rest.length));
  } catch {
    return parseFlags(globals, []); // a line that is wrong gets no message: the shell has no place for one
  }
}
