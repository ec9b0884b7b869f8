import { fitWidths } from "./fit-widths.ts";

/** Least width of a column and space between two, as Docker's tables have them. */
const minWidth = 10;
const padding = 3;

export interface TableStyle {
  /** Width of a terminal that the table shall fit: what does not is cut, with "…" for the rest. */
  readonly columns?: number | undefined;
  /** Least width of a column. */
  readonly least?: number;
  /** Puts a colour on a cell, which must not change its width. */
  readonly paint?: (text: string, row: number, column: number) => string;
}

/** Rows as columns, padded by their width on the screen; the last cell of a row is not padded. */
export function formatTable(rows: readonly (readonly string[])[], style: TableStyle = {}): string {
  const { columns = Infinity, least = minWidth, paint = (text) => text } = style;
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? least, Bun.stringWidth(cell) + padding);
    });
  }
  const last = Math.max(0, ...rows.map((row) => (row.length === widths.length + 1 ? Bun.stringWidth(row.at(-1) ?? "") : 0)));
  const fitting = columns === Infinity ? [...widths, Infinity] : fitWidths([...widths, last], columns, padding);
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) => {
        const width = fitting[column] ?? 0;
        const isLast = column === row.length - 1;
        const shown = ellipsis(cell, isLast ? width : width - padding);
        return paint(shown, index, column) + (isLast ? "" : " ".repeat(Math.max(0, width - Bun.stringWidth(shown))));
      });
      return `${cells.join("")}\n`;
    })
    .join("");
}

/**
 * Lines whose cells are ended by tabs, as columns. A column goes on as long as the lines that follow each other have it,
 * so lines without it part what is above them from what is below, as Go's tabwriter has it.
 */
export function formatTabbed(text: string, columns = Infinity): string {
  const lines = text.split("\n");
  const tail = lines.pop() ?? "";
  const cells = lines.map((line) => line.split("\t"));
  const counts = new Set(cells.map((row) => row.length));
  const table = counts.size === 1 ? formatTable(cells, { columns }) : alignColumn(cells, 0).join("");
  return table + tail;
}

/** Each row from its cell `column` on, as a line. */
function alignColumn(rows: readonly (readonly string[])[], column: number): string[] {
  const out: string[] = [];
  for (let first = 0; first < rows.length;) {
    const row = rows[first] ?? [];
    if (column >= row.length - 1) {
      out.push(`${row[column] ?? ""}\n`);
      first += 1;
      continue;
    }
    let end = first;
    while (end < rows.length && column < (rows[end]?.length ?? 0) - 1) end += 1;
    const block = rows.slice(first, end);
    const width = Math.max(minWidth, ...block.map((cells) => Bun.stringWidth(cells[column] ?? "") + padding));
    const rest = alignColumn(block, column + 1);
    block.forEach((cells, index) => out.push(pad(cells[column] ?? "", width) + (rest[index] ?? "")));
    first = end;
  }
  return out;
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
}

/** Cuts to a width on the screen, the last column being "…". */
export function ellipsis(text: string, width: number): string {
  if (width === Infinity || Bun.stringWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    used += Bun.stringWidth(char);
    if (used > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
