import type { Command } from "./command.ts";
import type { Flag } from "./flag.ts";

/** The usage line of a command: "Usage:  docker run [OPTIONS] IMAGE". */
export function usageLine(program: string, path: string, synopsis: string): string {
  return `Usage:  ${[program, path, synopsis.replaceAll("{program}", program)].filter((part) => part !== "").join(" ")}`;
}

/** The whole help text of a command, wrapped to `columns`. */
export function commandHelp(command: Command, call: { readonly program: string; readonly path: string; readonly columns: number }): string {
  const { program, path, columns } = call;
  const parts = [usageLine(program, path, command.synopsis), summaryOf(command, program)];
  if (command.aliases !== undefined) parts.push(`Aliases:\n  ${command.aliases.map((alias) => `${program} ${alias}`).join(", ")}`);
  if (command.flags.some((flag) => flag.hidden !== true)) parts.push(`Options:\n${flagTable(command.flags, columns)}`);
  return `${parts.join("\n\n")}\n`;
}

/** What a command does, for whoever is called by this name. */
export function summaryOf({ summary }: Pick<Command, "summary">, program: string): string {
  return summary.replaceAll("{program}", program);
}

/** The table of flags by name, as pflag lays it out. */
export function flagTable(flags: readonly Flag[], columns: number): string {
  const shown = flags.filter((flag) => flag.hidden !== true).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const heads = shown.map((flag) => {
    const short = flag.short === undefined ? "    " : `-${flag.short}, `;
    return `  ${short}--${flag.name}${flag.valueName === "" ? "" : ` ${flag.valueName}`}`;
  });
  const indent = Math.max(...heads.map((head) => head.length)) + 3;
  return shown.map((flag, index) => `${(heads[index] ?? "").padEnd(indent)}${wrap(usageOf(flag), indent, columns)}`).join("\n");
}

function usageOf(flag: Flag): string {
  const { fallback } = flag;
  if (fallback === undefined || fallback === "" || fallback === "false" || fallback === "0") return flag.usage;
  return `${flag.usage} (default ${flag.valueName === "string" ? JSON.stringify(fallback) : fallback})`;
}

/** A last line may stand over by this much, so that no word is left alone. */
const slop = 5;

function wrap(usage: string, indent: number, columns: number): string {
  // One column stays free, as Docker leaves it.
  const width = columns - 1 - indent - slop;
  if (width < 24 - slop) return usage.replaceAll("\n", `\n${" ".repeat(indent)}`);
  const lines = usage.split("\n").flatMap((line) => wrapLine(line, width));
  return lines.join(`\n${" ".repeat(indent)}`);
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length >= width + slop) {
    const space = rest.slice(0, width).lastIndexOf(" ");
    if (space <= 0) break;
    lines.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  lines.push(rest);
  return lines;
}
