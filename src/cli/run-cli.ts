import { product } from "#base";
import { findCommand, type GroupName, isBuiltin, isGroup } from "./catalogue.ts";
import { describeError } from "./describe-error.ts";
import { globalFlags } from "./global-flags.ts";
import { Output } from "./output.ts";
import type { Parsed } from "./parse-flags.ts";
import { openConfig, parsedOrExplained, runCommand, screenColumns } from "./run-command.ts";
import { ExitError } from "./usage-error.ts";

const logLevels = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/**
 * Runs one command line, without the program's name, and resolves with the exit code. `program` is what help and errors
 * call us: "gantry", or "docker" when linked under that name.
 */
export async function runCli(args: readonly string[], options: { readonly program: string }): Promise<number> {
  const { program } = options;
  const stderr = new Output(2);
  try {
    return await dispatch(args, program);
  } catch (error) {
    if (error instanceof ExitError) {
      if (error.message !== "") stderr.print(`${error.message}\n`);
      return error.code;
    }
    stderr.print(`${describeError(error, program)}\n`);
    return 1;
  }
}

async function dispatch(args: readonly string[], program: string): Promise<number> {
  const stdout = new Output(1);
  const global = parsedOrExplained(program, { flags: globalFlags(process.env, program), interspersed: false }, args);
  const level = global.values.text("log-level");
  if (!logLevels.includes(level.toLowerCase())) throw new ExitError(1, `Unable to parse logging level: ${level}`);
  const [first, second] = global.positionals;
  if (first === "__complete" || first === "__completeNoDesc") {
    const { answerCompletion } = await import("./completion/answer.ts");
    return await answerCompletion(global.positionals.slice(1), { described: first === "__complete" });
  }
  if (global.values.bool("version")) {
    stdout.print(`${program === "docker" ? "Docker" : "Gantry"} version ${product.version}, build ${product.commit}\n`);
    return 0;
  }
  if (first === undefined || global.help || (first === "help" && second === undefined)) return await printProgramHelp(program, global);
  if (first === "help") return await dispatch([...global.positionals.slice(1), "--help"], program);
  if (isGroup(first) && (second === undefined || second.startsWith("-")))
    return await printGroupHelp(program, first, global.positionals.slice(1));
  const path = isGroup(first) ? `${first} ${second}` : first;
  const found = findCommand(path);
  if (found === undefined) {
    const { runUnlisted } = await import("./unlisted-command.ts");
    return await runUnlisted({ program, args, global });
  }
  return await runCommand(await found.load(), { program, path: found.path, words: path.split(" ").length, global });
}

async function printProgramHelp(program: string, global: Parsed): Promise<number> {
  const { programHelp } = await import("./program-help.ts");
  const { listPlugins } = await import("./plugins/plugin.ts");
  const asked = global.help || global.positionals.length > 0;
  const config = await openConfig(global, new Output(2));
  const plugins = await listPlugins(config, isBuiltin);
  new Output(asked ? 1 : 2).print(programHelp(program, globalFlags(process.env, program), { columns: await screenColumns(), plugins }));
  return 0;
}

async function printGroupHelp(program: string, group: GroupName, args: readonly string[]): Promise<number> {
  const { groupHelp } = await import("./program-help.ts");
  const parsed = parsedOrExplained(program, { flags: [] }, args, { path: group, usage: `Usage:  ${program} ${group} COMMAND` });
  new Output(parsed.help ? 1 : 2).print(groupHelp(program, group));
  return 0;
}
