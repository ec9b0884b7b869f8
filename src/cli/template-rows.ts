import { messageOf } from "#base";
import type { Listing, Row, RowStyle } from "./listing.ts";
import { formatTabbed } from "./table.ts";
import { headingFunctions } from "./template/functions.ts";
import { Template } from "./template/template.ts";
import { GoRow } from "./template/value.ts";

/** Rows by a template, with Docker's titles above them when it begins with "table". @throws Error "template parsing error: ..." */
export function formatByTemplate(
  listing: Listing,
  rows: readonly Row[],
  { format, quiet = false, columns }: RowStyle & { readonly columns?: number },
): string {
  const isTable = format.startsWith("table");
  const own = isTable ? format.slice("table".length) + (listing.tableSuffix ?? "") : format;
  const raw = format === "raw" ? listing.raw?.[quiet ? "quiet" : "plain"] : undefined;
  const template = parsedTemplate(unescaped(raw ?? own));
  const lines = rows.map((row, index) => `${executed(template, rowValue(listing, row, index))}\n`).join("");
  return isTable ? formatTabbed(`${titles(listing, template)}\n${lines}`, columns) : lines;
}

function parsedTemplate(text: string): Template {
  return prefixed("template parsing error", () => new Template(text));
}

function executed(template: Template, row: GoRow): string {
  return prefixed("template parsing error", () => template.execute(row));
}

function prefixed<T>(prefix: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${prefix}: ${messageOf(error)}`, { cause: error });
  }
}

function rowValue(listing: Listing, row: Row, index: number): GoRow {
  return new GoRow(listing.type, { ...row }, { methods: listing.methods?.(index), texts: listing.texts });
}

/**
 * True when a template asks a row for a field that costs the daemon something. It is tried on an empty row, as Docker does.
 * @throws Error in Docker's words
 */
export function asksFor(field: string, listing: Listing, { format, empty }: { format: string; empty: Row }): boolean {
  let asked = false;
  const watched = Object.defineProperty({ ...empty }, field, {
    enumerable: true,
    get: () => {
      asked = true;
      return "";
    },
  });
  const template = prefixed("failed to parse template", () => new Template(format));
  const watchedRow = new GoRow(listing.type, watched, { methods: listing.methods?.(0), texts: listing.texts });
  prefixed("failed to execute template", () => template.execute(watchedRow));
  return asked;
}

/** Docker makes the titles with the same template, from a map of them; what fails there ends the line. */
function titles(listing: Listing, template: Template): string {
  const methods = { Label: (key: string) => (key.split(".").at(-1) ?? "").replaceAll(/[-_]/g, " ") };
  return template.attempt(new GoRow("formatter.SubHeaderContext", listing.headers, { methods, kind: "map" }), {
    functions: headingFunctions,
    strict: false,
  }).text;
}

/** `\t` and `\n` as they are typed in a shell. */
function unescaped(template: string): string {
  return template
    .replace(/^ +| +$/g, "")
    .replaceAll("\\t", "\t")
    .replaceAll("\\n", "\n");
}
