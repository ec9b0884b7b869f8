import { product } from "#base";
import type { DockerClient } from "#client";
import { findCommand, type GroupName, isGroup, isMissing } from "./catalogue.ts";
import type { Command } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { ConfigFile } from "./config-file.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, usageLine } from "./help.ts";
import { chooseContext, connectClient, type Host, resolveHost } from "./host.ts";
import { Output } from "./output.ts";
import { type Parsed, parseFlags } from "./parse-flags.ts";
import { ExitError, UsageError } from "./usage-error.ts";

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
  const global = parsedOrExplained(program, { flags: globalFlags(process.env), interspersed: false }, args);
  const level = global.values.text("log-level");
  if (!logLevels.includes(level.toLowerCase())) throw new ExitError(1, `Unable to parse logging level: ${level}`);
  const [first, second] = global.positionals;
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
  if (found === undefined) throw unknownCommand(program, first, second);
  return await runCommand(await found.load(), { program, path: found.path, words: path.split(" ").length, global });
}

interface Call {
  readonly program: string;
  readonly path: string;
  /** How many words of the line chose the command. */
  readonly words: number;
  readonly global: Parsed;
}

async function runCommand(command: Command, call: Call): Promise<number> {
  const { program, path, global } = call;
  const stdout = new Output(1);
  const stderr = new Output(2);
  const usage = usageLine(program, path, command.synopsis);
  const parsed = parsedOrExplained(program, command, global.positionals.slice(call.words), { path, usage });
  if (parsed.help) {
    if (parsed.helpByShorthand) stdout.print("Flag shorthand -h has been deprecated, use --help\n");
    stdout.print(commandHelp(command, { program, path, columns: await screenColumns() }));
    return 0;
  }
  checkCount(command, parsed.positionals.length, { program, path, usage });
  const { env } = process;
  const config = await openConfig(global, stderr);
  const context = chooseContext(global.values, env, config);
  const autostart = !global.values.bool("no-autostart");
  const userAgent = `Docker-Client/${product.version} (linux)`;
  const hostOf = (name: string): Host => resolveHost(name, global.values, env, config);
  let client: DockerClient | undefined;
  try {
    return await command.run({
      program,
      path,
      flags: parsed.values,
      args: parsed.positionals,
      config,
      context,
      hostOf,
      // Resolved when it is first asked for: what works on contexts must work when the one in use is broken.
      get client() {
        return (client ??= connectClient(hostOf(context), { env, config, autostart, userAgent }));
      },
      stdout,
      stderr,
    });
  } finally {
    client?.[Symbol.dispose]();
  }
}

async function openConfig(global: Parsed, stderr: Output): Promise<ConfigFile> {
  const config = await ConfigFile.open(global.values.text("config"));
  if (config.problem !== undefined) stderr.print(`WARNING: Error ${config.problem}\n`);
  return config;
}

function parsedOrExplained(
  program: string,
  grammar: Parameters<typeof parseFlags>[0],
  args: readonly string[],
  command: { readonly path: string; readonly usage: string } = { path: "", usage: `Usage:  ${program} [OPTIONS] COMMAND [ARG...]` },
): Parsed {
  try {
    return parseFlags(grammar, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const path = command.path === "" ? program : `${program} ${command.path}`;
    throw new ExitError(125, `${error.message}\n\n${command.usage}\n\nRun '${path} --help' for more information`, { cause: error });
  }
}

function checkCount(
  command: Command,
  count: number,
  call: { readonly program: string; readonly path: string; readonly usage: string },
): void {
  const { min, max = Infinity } = command.args;
  if (count >= min && count <= max) return;
  const full = `${call.program} ${call.path}`;
  const amount =
    min === max ? `requires ${plural(min)}` : count < min ? `requires at least ${plural(min)}` : `requires at most ${plural(max)}`;
  const demand = max === 0 ? "accepts no arguments" : amount;
  const lead = max === Infinity ? "See" : "Run";
  throw new ExitError(1, `${call.program}: '${full}' ${demand}\n\n${call.usage}\n\n${lead} '${full} --help' for more information`);
}

function plural(count: number): string {
  return `${count} argument${count === 1 ? "" : "s"}`;
}

function unknownCommand(program: string, first: string, second: string | undefined): ExitError {
  const grouped = isGroup(first) && second !== undefined;
  const path = grouped ? `${program} ${first} ${second}` : `${program} ${first}`;
  if (isMissing(first, second)) return new ExitError(1, `${program}: gantry does not have the command '${path}' yet`);
  if (!grouped) return new ExitError(1, `${program}: unknown command: ${path}\n\nRun '${program} --help' for more information`);
  const usage = `Usage:  ${program} ${first}\n\nRun '${program} ${first} --help' for more information`;
  return new ExitError(1, `${program}: unknown command: ${path}\n\n${usage}`);
}

async function printProgramHelp(program: string, global: Parsed): Promise<number> {
  const { programHelp } = await import("./program-help.ts");
  const asked = global.help || global.positionals.length > 0;
  new Output(asked ? 1 : 2).print(programHelp(program, globalFlags(process.env), await screenColumns()));
  return 0;
}

async function printGroupHelp(program: string, group: GroupName, args: readonly string[]): Promise<number> {
  const { groupHelp } = await import("./program-help.ts");
  const parsed = parsedOrExplained(program, { flags: [] }, args, { path: group, usage: `Usage:  ${program} ${group} COMMAND` });
  new Output(parsed.help ? 1 : 2).print(groupHelp(program, group));
  return 0;
}

async function screenColumns(): Promise<number> {
  const { screenSize } = await import("./terminal.ts");
  return screenSize()?.columns ?? 80;
}
