// Words that the catalogue does not have: a plugin's, a command of Docker's that is not here yet, or nobody's.
import { absence, absentCommand, isAbsentGroup } from "./absent/absent-command.ts";
import { isGroup } from "./catalogue.ts";
import type { ConfigFile } from "./config-file.ts";
import { defaultContext } from "./context/store.ts";
import { chooseContext, resolveHost } from "./host.ts";
import { Output } from "./output.ts";
import type { Parsed } from "./parse-flags.ts";
import { forwardedBuild } from "./plugins/builder.ts";
import { findPlugin } from "./plugins/plugin.ts";
import { runPlugin } from "./plugins/run-plugin.ts";
import { openConfig, runCommand } from "./run-command.ts";
import { ExitError } from "./usage-error.ts";

interface Line {
  readonly program: string;
  /** All of it, flags before the command too. */
  readonly args: readonly string[];
  readonly global: Parsed;
}

/** Runs the plugin that the words name, or says what there is instead. @throws ExitError */
export async function runUnlisted({ program, args, global }: Line): Promise<number> {
  const [first = "", second = ""] = global.positionals;
  const code = await runAsPlugin({ program, args, global });
  if (code !== undefined) return code;
  const grouped = isGroup(first) || isAbsentGroup(first);
  for (const path of [`${first} ${second}`, first]) {
    const absent = absentCommand(path);
    if (absent !== undefined) return await runCommand(absent, { program, path, words: path.split(" ").length, global });
  }
  const isAlone = second === "" || second.startsWith("-");
  if (first === "buildx" || first === "compose")
    throw new ExitError(1, `${absence(program, first)}, and no plugin docker-${first} is installed`);
  if (isAbsentGroup(first) && isAlone) throw new ExitError(1, absence(program, first));
  throw unknownCommand(program, grouped && !isAlone ? [first, second] : [first]);
}

/** Undefined when no plugin has the words. */
async function runAsPlugin({ args, global }: Line): Promise<number | undefined> {
  const [first = ""] = global.positionals;
  const config = await openConfig(global, new Output(2));
  const context = chooseContext(global.values, process.env, config);
  const build = forwardedBuild(args, args.length - global.positionals.length, { config, context });
  if (build === undefined && isGroup(first)) return undefined;
  const plugin = await findPlugin(build?.plugin ?? first, config);
  if (plugin === undefined) return undefined;
  return await runPlugin(plugin, build?.args ?? args, { ...hostForPlugin(context, global, config), ...build?.env });
}

/** Plugins look for Docker's own socket; they are told of ours where nobody chose another. */
function hostForPlugin(context: string, global: Parsed, config: ConfigFile): Readonly<Record<string, string>> {
  if (context !== defaultContext) return {};
  const { endpoint, chosen } = resolveHost(context, global.values, process.env, config);
  return chosen ? {} : { DOCKER_HOST: endpoint.address };
}

function unknownCommand(program: string, words: readonly string[]): ExitError {
  const path = [program, ...words].join(" ");
  const [group] = words;
  const usage = words.length === 1 ? "" : `Usage:  ${program} ${group}\n\n`;
  const help = words.length === 1 ? program : `${program} ${group}`;
  return new ExitError(1, `${program}: unknown command: ${path}\n\n${usage}Run '${help} --help' for more information`);
}
