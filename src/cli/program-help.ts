import { groupCommands, type GroupName, groups, shortCommands } from "./catalogue.ts";
import type { Flag } from "./flag.ts";
import { flagTable } from "./help.ts";
import type { Plugin } from "./plugins/plugin.ts";

/** Help of the program itself. */
export function programHelp(program: string, flags: readonly Flag[], around: { columns: number; plugins: readonly Plugin[] }): string {
  const { columns, plugins } = around;
  const found = plugins.filter(({ problem, metadata }) => problem === undefined && metadata.Hidden !== true);
  const managed = [
    ...Object.entries(groups).map(([name, summary]) => ({ name, summary })),
    // The star says whose they are.
    ...found.map(({ name, metadata }) => ({ name: `${name}*`, summary: metadata.ShortDescription ?? "" })),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const invalid = plugins.flatMap(({ name, problem }) => (problem === undefined ? [] : [{ name, summary: problem }]));
  return `${[
    `Usage:  ${program} [OPTIONS] COMMAND`,
    "A self-sufficient runtime for containers",
    `Common Commands:\n${commandList(shortCommands(true))}`,
    `Management Commands:\n${commandList(managed)}`,
    `Commands:\n${commandList(shortCommands(false))}`,
    ...(invalid.length === 0 ? [] : [`Invalid Plugins:\n${commandList(invalid)}`]),
    `Global Options:\n${flagTable(flags, columns)}`,
    `Run '${program} COMMAND --help' for more information on a command.`,
  ].join("\n\n")}\n`;
}

/** Help of a group such as `container`. */
export function groupHelp(program: string, group: GroupName): string {
  return `${[
    `Usage:  ${program} ${group} COMMAND`,
    groups[group],
    `Commands:\n${commandList(groupCommands(group))}`,
    `Run '${program} ${group} COMMAND --help' for more information on a command.`,
  ].join("\n\n")}\n`;
}

function commandList(commands: readonly { readonly name: string; readonly summary: string }[]): string {
  return commands.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`.trimEnd()).join("\n");
}
