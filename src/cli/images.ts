import type { Command, Invocation } from "./command.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { bool } from "./flag.ts";
import { outputFormat, tableFormatFlag } from "./format-flag.ts";
import { type ImageRow, imageRows } from "./image-row.ts";
import { goJson } from "./json-text.ts";
import { formatTable } from "./table.ts";

export const imagesCommand: Command = {
  synopsis: "[OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  aliases: ["image ls", "image list", "images"],
  args: { min: 0, max: 1 },
  missing: ["tree"],
  flags: [
    bool("all", "Show all images (default hides intermediate images)", { short: "a" }),
    bool("digests", "Show digests"),
    filterFlag,
    tableFormatFlag,
    bool("no-trunc", "Don't truncate output"),
    bool("quiet", "Only show image IDs", { short: "q" }),
  ],
  run: images,
};

async function images({ flags, args, client, stdout }: Invocation): Promise<number> {
  const format = outputFormat(flags.text("format"));
  const given = flags.list("filter");
  const filters = collectFilters(args[0] === undefined ? given : [...given, `reference=${args[0]}`]);
  const list = await client.images.list({ all: flags.bool("all"), filters });
  const digests = flags.bool("digests");
  const rows = list.flatMap((image) => imageRows(image, { whole: flags.bool("no-trunc"), digests }));
  if (flags.bool("quiet")) stdout.print(rows.map((row) => `${row.ID}\n`).join(""));
  else if (format === "json") stdout.print(rows.map((row) => `${goJson(row)}\n`).join(""));
  else stdout.print(table(rows, digests));
  return 0;
}

function table(rows: readonly ImageRow[], digests: boolean): string {
  const head = ["REPOSITORY", "TAG", ...(digests ? ["DIGEST"] : []), "IMAGE ID", "CREATED", "SIZE"];
  const cells = (row: ImageRow): string[] => [
    row.Repository,
    row.Tag,
    ...(digests ? [row.Digest] : []),
    row.ID,
    row.CreatedSince,
    row.Size,
  ];
  return formatTable([head, ...rows.map(cells)]);
}
