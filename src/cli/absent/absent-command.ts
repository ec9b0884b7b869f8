// What Docker has and we do not have yet still knows its flags and arguments: a wrong line is told as Docker tells it, a right one is told
// that the command is not there.
import type { Command } from "../command.ts";
import { bool, type Flag, list } from "../flag.ts";
import { ExitError } from "../usage-error.ts";
import { absentTable } from "./table.ts";

interface Row {
  readonly paths: readonly string[];
  readonly synopsis: string;
  readonly args: Command["args"];
  readonly flags: readonly Flag[];
}

const rows: readonly Row[] = absentTable.trim().split("\n").map(parseRow);

/** The command at a path, which says what it is not; undefined where Docker has none either. */
export function absentCommand(path: string): Command | undefined {
  const row = rows.find(({ paths }) => paths.includes(path));
  if (row === undefined) return undefined;
  return {
    synopsis: row.synopsis,
    summary: "Gantry does not have this command yet.",
    args: row.args,
    flags: row.flags,
    // Flags behind the arguments of these belong to another program.
    ...(row.synopsis.endsWith("[ARG...]") && { interspersed: false }),
    run: ({ program }) => Promise.reject(new ExitError(1, absence(program, path))),
  };
}

/** True for a word that begins such commands. */
export function isAbsentGroup(word: string): boolean {
  return rows.some(({ paths }) => paths.some((path) => path.startsWith(`${word} `)));
}

/** The one line that names what is not there. */
export function absence(program: string, path: string): string {
  return `${program}: gantry does not have the command '${program} ${path}' yet`;
}

function parseRow(line: string): Row {
  const [paths = "", synopsis = "", counts = "", flags = ""] = line.split(" ;").map((field) => field.trim());
  const [min = 0, max] = counts.split(" ").map(Number);
  return {
    paths: paths.split(", "),
    synopsis,
    args: { min, ...(max !== undefined && { max }) },
    flags: flags.split(" ").filter(Boolean).map(parseFlag),
  };
}

function parseFlag(word: string): Flag {
  const [short, name] = word.includes(",") ? word.split(",") : [undefined, word];
  const details = { hidden: true, ...(short !== undefined && { short }) };
  return name?.endsWith(":") ? list(name.slice(0, -1), "", details) : bool(name ?? "", "", details);
}
