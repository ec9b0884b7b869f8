import type { Command, Invocation } from "./command.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { bool } from "./flag.ts";
import { tableFormatFlag } from "./format-flag.ts";
import { imageRows } from "./image-row.ts";
import { type Listing, printRows } from "./listing.ts";

export const imagesCommand: Command = {
  synopsis: "[OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  aliases: ["image ls", "image list", "images"],
  args: { min: 0, max: 1 },
  flags: [
    bool("all", "Show all images (default hides intermediate images)", { short: "a" }),
    bool("digests", "Show digests"),
    filterFlag,
    tableFormatFlag,
    bool("no-trunc", "Don't truncate output"),
    bool("quiet", "Only show image IDs", { short: "q" }),
    bool("tree", "List multi-platform images as a tree (EXPERIMENTAL)"),
  ],
  run: images,
};

const titles = {
  ID: "IMAGE ID",
  Repository: "REPOSITORY",
  Tag: "TAG",
  Digest: "DIGEST",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  Size: "SIZE",
  Containers: "CONTAINERS",
  VirtualSize: "SIZE",
  SharedSize: "SHARED SIZE",
  UniqueSize: "UNIQUE SIZE",
};

async function images(invocation: Invocation): Promise<number> {
  const { flags, args, client, config } = invocation;
  const format = flags.text("format") || (flags.bool("quiet") ? "" : config.text("imagesFormat"));
  const given = flags.list("filter");
  const filters = collectFilters(args[0] === undefined ? given : [...given, `reference=${args[0]}`]);
  if (flags.bool("tree")) {
    const { printImageTree } = await import("./image-tree.ts");
    return await printImageTree(invocation, filters);
  }
  const list = await client.images.list({ all: flags.bool("all"), filters });
  const digests = flags.bool("digests");
  const shown = digests || format.includes("{{.Digest}}");
  const rows = list.flatMap((image) => imageRows(image, { whole: flags.bool("no-trunc"), digests: shown }));
  // A template of the user's goes before --quiet.
  const quiet = flags.bool("quiet") && ["", "table", "raw"].includes(format);
  return await printRows(invocation, imageListing(digests, format), rows, { format, quiet, whole: flags.bool("no-trunc") });
}

function imageListing(digests: boolean, format: string): Listing {
  const raw = ["repository: {{.Repository}}", "tag: {{.Tag}}", ...(digests ? ["digest: {{.Digest}}"] : [])];
  raw.push("image_id: {{.ID}}", "created_at: {{.CreatedAt}}", "virtual_size: {{.Size}}");
  return {
    type: "*formatter.imageContext",
    columns: ["Repository", "Tag", ...(digests ? ["Digest"] : []), "ID", "CreatedSince", "Size"],
    headers: titles,
    quiet: "ID",
    raw: { plain: raw.map((line) => `${line}\n`).join(""), quiet: "image_id: {{.ID}}" },
    ...(digests && !format.includes("{{.Digest}}") && { tableSuffix: "\\t{{.Digest}}" }),
  };
}
