/** Least width of a column and space between two, as Docker's tables have them. */
const minWidth = 10;
const padding = 3;

/** Rows as columns, padded by their width on the screen; the last cell of a row is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? minWidth, Bun.stringWidth(cell) + padding);
    });
  }
  return rows
    .map((row) => `${row.map((cell, column) => pad(cell, column === row.length - 1 ? 0 : (widths[column] ?? 0))).join("")}\n`)
    .join("");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
}
