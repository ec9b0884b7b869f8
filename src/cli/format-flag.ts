import { type Flag, text } from "./flag.ts";
import { ExitError } from "./usage-error.ts";

/** `--format` of a command that prints a table. */
export const tableFormatFlag: Flag = text(
  "format",
  "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'json':             Print in JSON format",
);

/** `--format` of a command that prints one object. */
export const objectFormatFlag: Flag = text("format", "Format output using a custom template:\n'json':             Print in JSON format", {
  short: "f",
});

/** What `--format` asks for; "" and "table" are the default. @throws ExitError for a template, which is not here yet */
export function outputFormat(format: string): "default" | "json" {
  if (format === "" || format === "table") return "default";
  if (format === "json" || format === "{{json .}}" || format === "{{ json . }}") return "json";
  throw new ExitError(125, `gantry does not have Go templates for --format yet: use --format json`);
}
