import type { Filters } from "#client";
import type { Command, Invocation } from "./command.ts";
import { type ContainerRow, containerRow } from "./container-row.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { bool, type FlagValues, int } from "./flag.ts";
import { outputFormat, tableFormatFlag } from "./format-flag.ts";
import { goJson } from "./json-text.ts";
import { formatTable } from "./table.ts";

export const psCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "List containers",
  aliases: ["container ls", "container list", "container ps", "ps"],
  args: { min: 0, max: 0 },
  flags: [
    bool("all", "Show all containers (default shows just running)", { short: "a" }),
    filterFlag,
    tableFormatFlag,
    int("last", "Show n last created containers (includes all states)", { short: "n", fallback: "-1" }),
    bool("latest", "Show the latest created container (includes all states)", { short: "l" }),
    bool("no-trunc", "Don't truncate output"),
    bool("quiet", "Only display container IDs", { short: "q" }),
    bool("size", "Display total file sizes", { short: "s" }),
  ],
  run: ps,
};

const columns = [
  ["CONTAINER ID", "ID"],
  ["IMAGE", "Image"],
  ["COMMAND", "Command"],
  ["CREATED", "RunningFor"],
  ["STATUS", "Status"],
  ["PORTS", "Ports"],
  ["NAMES", "Names"],
] as const satisfies readonly (readonly [string, keyof ContainerRow])[];

async function ps({ flags, client, stdout }: Invocation): Promise<number> {
  const format = outputFormat(flags.text("format"));
  const containers = await client.containers.list(listOptions(flags));
  const rows = containers.map((container) => containerRow(container, flags.bool("no-trunc")));
  if (flags.bool("quiet")) stdout.print(rows.map((row) => `${row.ID}\n`).join(""));
  else if (format === "json") stdout.print(rows.map((row) => `${goJson(row)}\n`).join(""));
  else stdout.print(table(rows, flags.bool("size")));
  return 0;
}

function listOptions(flags: FlagValues): { all: boolean; limit?: number; size: boolean; filters: Filters } {
  const last = flags.int("last") ?? -1;
  const limit = flags.bool("latest") && last === -1 ? 1 : last;
  return { all: flags.bool("all"), size: flags.bool("size"), filters: collectFilters(flags.list("filter")), ...(limit > 0 && { limit }) };
}

function table(rows: readonly ContainerRow[], withSize: boolean): string {
  const head: string[] = columns.map(([title]) => title);
  const body = rows.map((row): string[] => columns.map(([, key]) => row[key]));
  if (!withSize) return formatTable([head, ...body]);
  return formatTable([[...head, "SIZE"], ...body.map((cells, index) => [...cells, rows[index]?.Size ?? ""])]);
}
