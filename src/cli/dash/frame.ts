// One picture of the view: as many lines as the terminal has rows, none wider than it. Pure; all text of others is made plain here.
import { ellipsis } from "../table.ts";
import type { ScreenSize } from "../terminal.ts";
import { usageRow } from "../usage-row.ts";
import { type DashRow, type DashState, selectedIndex, type SortKey } from "./board-state.ts";
import { plainText } from "./plain-text.ts";

export interface Picture {
  /** In the order in which they are shown. */
  readonly rows: readonly DashRow[];
  readonly state: DashState;
  /** The log of the selected row, oldest first. */
  readonly log: readonly string[];
  readonly size: ScreenSize;
  readonly colours: boolean;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly sort?: SortKey;
  readonly right?: boolean;
  readonly cell: (row: DashRow) => string;
}

const usage = ({ id, name, figures }: DashRow): ReturnType<typeof usageRow> => usageRow({ container: id, id, name }, figures);
const only =
  (cell: (row: DashRow) => string): ((row: DashRow) => string) =>
  (row) =>
    row.figures === undefined ? "" : cell(row);

const columns: readonly Column[] = [
  { title: "NAME", width: 20, sort: "name", cell: ({ name }) => name },
  { title: "CPU %", width: 8, sort: "cpu", right: true, cell: only((row) => usage(row).CPUPerc) },
  { title: "MEMORY", width: 9, sort: "memory", right: true, cell: only((row) => usage(row).MemUsage.split(" / ")[0] ?? "") },
  { title: "NET I/O", width: 17, sort: "network", right: true, cell: only((row) => usage(row).NetIO) },
  { title: "PIDS", width: 5, right: true, cell: only((row) => usage(row).PIDs) },
  { title: "STATUS", width: 26, sort: "status", cell: ({ status }) => status },
  { title: "IMAGE", width: 40, cell: ({ image }) => image },
];

const help = "↑↓ choose  n c m t u order  s stop  r restart  p pause  q quit";

/** How many rows of containers a terminal of this height shows: the other half is for the log. */
export function tableHeight({ rows }: ScreenSize): number {
  return Math.max(1, Math.floor((rows - 4) / 2));
}

/** The lines of a picture. */
export function drawFrame(picture: Picture): string[] {
  const { rows, state, size, colours } = picture;
  const style = (code: string, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const height = tableHeight(size);
  const selected = selectedIndex(state, rows);
  const first = Math.max(0, Math.min(selected - Math.floor(height / 2), rows.length - height));
  const shown = rows.slice(first, first + height).map((row, index) => {
    const line = fit(`${first + index === selected ? ">" : " "} ${lineOf(row)}`, size.columns);
    if (first + index === selected) return style("7", colours ? padded(line, size.columns) : line);
    return row.state === "running" ? line : style(row.state === "paused" ? "33" : "2", line);
  });
  const table = [...shown, ...Array.from({ length: Math.max(0, height - shown.length) }, () => "")];
  const name = plainText(rows[selected]?.name ?? "");
  const log = picture.log.slice(-Math.max(0, size.rows - height - 4)).map((line) => fit(plainText(line), size.columns));
  const lines = [
    style("1", fit(summary(rows), size.columns)),
    style("4", padded(fit(`  ${headings(state)}`, size.columns), colours ? size.columns : 0)),
    ...table,
    style("1", fit(name === "" ? "" : `Log of ${name}`, size.columns)),
    ...log,
  ].slice(0, size.rows - 1);
  const filler = Array.from({ length: Math.max(0, size.rows - 1 - lines.length) }, () => "");
  return [...lines, ...filler, style("2", fit(state.message === "" ? help : plainText(state.message), size.columns))];
}

function summary(rows: readonly DashRow[]): string {
  const count = (state: string): number => rows.filter((row) => row.state === state).length;
  const paused = count("paused");
  return `${rows.length} container${rows.length === 1 ? "" : "s"}, ${count("running")} running${paused === 0 ? "" : `, ${paused} paused`}`;
}

function headings({ sort, reversed }: DashState): string {
  return columns
    .map((column) => cellText(column, column.sort === sort ? `${column.title}${reversed ? "▲" : "▼"}` : column.title))
    .join(" ");
}

function lineOf(row: DashRow): string {
  return columns.map((column) => cellText(column, plainText(column.cell(row)))).join(" ");
}

function cellText({ width, right }: Column, text: string): string {
  const cut = ellipsis(text, width);
  return right === true ? " ".repeat(Math.max(0, width - Bun.stringWidth(cut))) + cut : padded(cut, width);
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
}

/** Never wider than the terminal, or the line would take two. */
function fit(text: string, width: number): string {
  return ellipsis(text.trimEnd(), Math.max(1, width));
}
