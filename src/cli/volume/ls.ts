import { formatSize } from "#base";
import type { VolumeReply } from "#client";
import type { Command, Invocation } from "../command.ts";
import { collectFilters, filterFlag } from "../filter-flag.ts";
import { bool } from "../flag.ts";
import { tableFormatFlag } from "../format-flag.ts";
import { type Listing, printRows } from "../listing.ts";

export const volumeLsCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "List volumes",
  aliases: ["volume ls", "volume list"],
  args: { min: 0, max: 0 },
  missing: ["cluster"],
  flags: [
    filterFlag,
    tableFormatFlag,
    bool("quiet", "Only display volume names", { short: "q" }),
    bool("size", "Display sizes, and the containers that have each volume", { short: "s" }),
  ],
  run: ls,
};

const listing: Listing = {
  type: "*formatter.volumeContext",
  columns: ["Driver", "Name"],
  headers: {
    Name: "VOLUME NAME",
    Driver: "DRIVER",
    Labels: "LABELS",
    Mountpoint: "MOUNTPOINT",
    Scope: "SCOPE",
    Links: "LINKS",
    Size: "SIZE",
    UsedBy: "USED BY",
    Group: "GROUP",
    Availability: "AVAILABILITY",
    Status: "STATUS",
  },
  quiet: "Name",
  raw: { plain: "name: {{.Name}}\ndriver: {{.Driver}}\n", quiet: "name: {{.Name}}" },
};

async function ls(invocation: Invocation): Promise<number> {
  const { flags, client, config } = invocation;
  const quiet = flags.bool("quiet");
  const format = flags.text("format") || (quiet ? "" : config.text("volumesFormat"));
  const volumes = await client.volumes.list(collectFilters(flags.list("filter")));
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const sorted = volumes.toSorted((one, other) => compare(one.Name, other.Name));
  if (!flags.bool("size")) return await printRows(invocation, withLabels(sorted), sorted.map(volumeRow), { format, quiet });
  const { measure } = await import("./measure.ts");
  const rows = (await measure(client, sorted)).map(({ volume, users }) => ({
    ...volumeRow(volume),
    ...sizeOf(volume),
    UsedBy: users.join(", "),
  }));
  return await printRows(invocation, { ...withLabels(sorted), columns: ["Driver", "Name", "Size", "UsedBy"] }, rows, { format, quiet });
}

/** As `system df -v` shows it; what is mounted from elsewhere has none. */
function sizeOf({ UsageData }: VolumeReply): { readonly Size: string } {
  return { Size: UsageData && UsageData.Size >= 0 ? formatSize(UsageData.Size) : "N/A" };
}

function withLabels(volumes: readonly VolumeReply[]): Listing {
  return { ...listing, methods: (index) => ({ Label: (key) => volumes[index]?.Labels?.[key] ?? "" }) };
}

function volumeRow({ Name, Driver, Labels, Mountpoint, Scope, UsageData }: VolumeReply): object {
  const labels = Object.entries(Labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    Availability: "N/A",
    Driver: Driver ?? "",
    Group: "N/A",
    Labels: labels.join(","),
    Links: UsageData ? String(UsageData.RefCount) : "N/A",
    Mountpoint: Mountpoint ?? "",
    Name,
    Scope: Scope ?? "",
    Size: UsageData ? String(UsageData.Size) : "N/A",
    Status: "N/A",
  };
}
