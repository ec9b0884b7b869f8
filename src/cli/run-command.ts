import { product } from "#base";
import type { DockerClient } from "#client";
import type { Command } from "./command.ts";
import { ConfigFile } from "./config-file.ts";
import { commandHelp, usageLine } from "./help.ts";
import { chooseContext, connectClient, type Host, resolveHost } from "./host.ts";
import { Output } from "./output.ts";
import { type Parsed, parseFlags } from "./parse-flags.ts";
import { ExitError, UsageError } from "./usage-error.ts";

/** How requests of the command line name themselves. */
export const userAgent = `Docker-Client/${product.version} (linux)`;

/** A command as it was called. */
export interface Call {
  readonly program: string;
  readonly path: string;
  /** How many words of the line chose the command. */
  readonly words: number;
  readonly global: Parsed;
}

/** Parses what follows the command and runs it, or prints its help. @throws whatever the command throws */
export async function runCommand(command: Command, call: Call): Promise<number> {
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

/** The settings in the folder that the flags name; what is wrong with them is told on stderr. */
export async function openConfig(global: Parsed, stderr: Output): Promise<ConfigFile> {
  const config = await ConfigFile.open(global.values.text("config"));
  if (config.problem !== undefined) stderr.print(`WARNING: Error ${config.problem}\n`);
  return config;
}

/** Parses flags; what is wrong is told with the usage. @throws ExitError */
export function parsedOrExplained(
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
  const range = min === 0 ? `at most ${plural(max)}` : `at least ${min} and at most ${plural(max)}`;
  const amount = min === max ? plural(min) : max === Infinity ? `at least ${plural(min)}` : range;
  const demand = max === 0 ? "accepts no arguments" : `requires ${amount}`;
  const lead = max === Infinity ? "See" : "Run";
  throw new ExitError(1, `${call.program}: '${full}' ${demand}\n\n${call.usage}\n\n${lead} '${full} --help' for more information`);
}

function plural(count: number): string {
  return `${count} argument${count === 1 ? "" : "s"}`;
}

/** Columns of the terminal, 80 where there is none. */
export async function screenColumns(): Promise<number> {
  const { screenSize } = await import("./terminal.ts");
  return screenSize()?.columns ?? 80;
}
