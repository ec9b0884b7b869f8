// How a command prints a list. A command describes its columns once, as a Listing, and hands its rows to printRows(), which
// knows --format (`table`, `table TEMPLATE`, `json`, `raw`, a Go template), the width of a terminal, and Docker's error texts.
// Templates are loaded only when one was given: the plain table costs a list nothing.
//
//   const volumes: Listing = {
//     type: "*formatter.volumeContext",                       as errors of templates name a row in Docker
//     columns: ["Driver", "Name"],                            the default table
//     headers: { Driver: "DRIVER", Name: "VOLUME NAME", Labels: "LABELS" },
//     quiet: "Name",
//   };
//   return await printRows(invocation, volumes, rows, { format, quiet });
//
// A row is an object whose keys are the fields of the template; its JSON has them in the order of their names.
import { type Colour, coloured, mayColour } from "./colour.ts";
import type { Invocation } from "./command.ts";
import { goJson } from "./json-text.ts";
import { formatTable } from "./table.ts";
import { screenSize } from "./terminal.ts";

/** A line of a list by the names of its fields, all that `{{json .}}` shows. */
export type Row = object;

export interface Listing {
  /** Docker's name of the row's type: `can't evaluate field X in type *formatter.ContainerContext`. */
  readonly type: string;
  /** Fields of the default table. */
  readonly columns: readonly string[];
  /** Title of every field that a table may show. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fields that the default table shows otherwise than they are. */
  readonly shownAs?: Readonly<Record<string, (row: Readonly<Record<string, unknown>>) => string>>;
  /** Colours of fields in the default table, on a terminal. */
  readonly colours?: (field: string, row: Readonly<Record<string, unknown>>) => Colour | undefined;
  /** The one field that --quiet shows. */
  readonly quiet?: string;
  /** Templates of `--format raw`, without and with --quiet. */
  readonly raw?: { readonly plain: string; readonly quiet: string };
  /** Appended to every table template that the user gives: images --digests. */
  readonly tableSuffix?: string;
  /** Fields that are objects in JSON and one word in text. */
  readonly texts?: Readonly<Record<string, (cell: unknown) => string>>;
  /** Fields of a row that take an argument: `.Label "key"`. */
  readonly methods?: (index: number) => Readonly<Record<string, (argument: string) => string>>;
}

export interface RowStyle {
  /** As --format or the user's configuration gave it; "" is the default table. */
  readonly format: string;
  readonly quiet?: boolean;
  /** True when nothing may be cut, on a terminal neither: --no-trunc. */
  readonly whole?: boolean;
}

/** Prints rows and returns the exit code. @throws Error "template parsing error: ..." before anything is printed */
export async function printRows(
  { stdout, program }: Pick<Invocation, "stdout" | "program">,
  listing: Listing,
  rows: readonly Row[],
  style: RowStyle,
): Promise<number> {
  const columns = program === "docker" || style.whole === true ? undefined : screenSize()?.columns;
  const colours = listing.colours !== undefined && mayColour(program, stdout.descriptor, process.env);
  stdout.print(await formatRows(listing, rows, { ...style, colours, ...(columns !== undefined && { columns }) }));
  return 0;
}

/** A style with what the output is: tables are cut to `columns`, and words of a default table may have colours. */
export interface ScreenStyle extends RowStyle {
  readonly columns?: number;
  readonly colours?: boolean;
}

/** The text of rows in a style. @throws Error "template parsing error: ..." */
export async function formatRows(listing: Listing, rows: readonly Row[], style: ScreenStyle): Promise<string> {
  const { format, quiet = false } = style;
  if (quiet && listing.quiet !== undefined && (format !== "raw" || listing.raw === undefined)) {
    const field = listing.quiet;
    return rows.map((row) => `${cellOf(row, field)}\n`).join("");
  }
  if (format === "" || format === "table") return defaultTable(listing, rows, style);
  if (format === "json") return rows.map((row) => `${goJson(row)}\n`).join("");
  const { formatByTemplate } = await import("./template-rows.ts");
  return formatByTemplate(listing, rows, style);
}

function defaultTable(listing: Listing, rows: readonly Row[], { columns, colours = false }: ScreenStyle): string {
  const titles = listing.columns.map((field) => listing.headers[field] ?? "");
  const cells = rows.map((row) => listing.columns.map((field) => listing.shownAs?.[field]?.({ ...row }) ?? cellOf(row, field)));
  const paint = (text: string, index: number, column: number): string => {
    const row = rows[index - 1];
    return row === undefined ? text : coloured(listing.colours?.(listing.columns[column] ?? "", { ...row }), text);
  };
  return formatTable([titles, ...cells], { columns, ...(colours && { paint }) });
}

function cellOf(row: Row, field: string): string {
  return String((row as Readonly<Record<string, unknown>>)[field]);
}
