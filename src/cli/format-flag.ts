import { type Flag, text } from "./flag.ts";

const lead = "Format output using a custom template:";
const json = "'json':             Print in JSON format";
const template = [
  "'TEMPLATE':         Print output using the given Go template.",
  "Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates",
];

/** `--format` of a command that prints a list. */
export const tableFormatFlag: Flag = text(
  "format",
  [
    lead,
    "'table':            Print output in table format with column headers (default)",
    "'table TEMPLATE':   Print output in table format using the given Go template",
    json,
    ...template,
  ].join("\n"),
);

/** `--format` of a command that prints one object. */
export const objectFormatFlag: Flag = text("format", [lead, json, ...template].join("\n"), { short: "f" });
