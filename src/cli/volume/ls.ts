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
  flags: [filterFlag, tableFormatFlag, bool("quiet", "Only display volume names", { short: "q" })],
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
  const rows = volumes.toSorted((one, other) => compare(one.Name, other.Name)).map(volumeRow);
  return await printRows(invocation, withLabels(volumes), rows, { format, quiet });
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
