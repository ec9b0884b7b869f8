import { formatSize } from "#base";
import type { UsageReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { containerRow } from "./container-row.ts";
import { bool } from "./flag.ts";
import { tableFormatFlag } from "./format-flag.ts";
import { imageRows } from "./image-row.ts";
import { goJson } from "./json-text.ts";
import { formatRows, printRows, type Listing, type Row } from "./listing.ts";
import { usageRows } from "./usage-rows.ts";
import { ExitError } from "./usage-error.ts";

export const usageCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Show docker disk usage",
  args: { min: 0, max: 0 },
  flags: [tableFormatFlag, bool("verbose", "Show detailed information on space usage", { short: "v" })],
  run,
};

const summary: Listing = {
  type: "*formatter.diskUsageImagesContext",
  columns: ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
  headers: { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" },
  raw: {
    plain: "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
    quiet: "",
  },
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, client, stdout } = invocation;
  const format = flags.text("format");
  const usage = await client.system.diskUsage();
  if (!flags.bool("verbose")) return await printRows(invocation, summary, usageRows(usage), { format });
  const isTable = format === "" || format === "table";
  stdout.print(isTable ? await tables(usage) : await details(usage, format));
  return 0;
}

/** Everything as one object: Docker ends its JSON without a line. */
async function details(usage: UsageReply, format: string): Promise<string> {
  const rows = {
    Images: (usage.Images ?? []).flatMap((image) =>
      imageRows(image, { whole: true, digests: false }).map((row) => ({ ...row, Digest: row.Digest === "<none>" ? "" : row.Digest })),
    ),
    Containers: containerRows(usage, true),
    Volumes: usage.Volumes ?? [],
    BuildCache: usage.BuildCache ?? [],
  };
  if (format === "json") return goJson(rows);
  if (format === "raw") throw new ExitError(1, "gantry does not have --format raw for system df -v yet");
  const text = await formatRows({ type: "*formatter.diskUsageContext", columns: [], headers: {} }, [rows], { format });
  return text.replace(/\n$/, "");
}

function containerRows(usage: UsageReply, whole: boolean): readonly ReturnType<typeof containerRow>[] {
  // Only what the container wrote: what lies below it is in the images.
  return (usage.Containers ?? []).map((container) => containerRow({ ...container, SizeRootFs: 0 }, whole));
}

const imageTitles = {
  Repository: "REPOSITORY",
  Tag: "TAG",
  ID: "IMAGE ID",
  CreatedSince: "CREATED",
  Size: "SIZE",
  SharedSize: "SHARED SIZE",
  UniqueSize: "UNIQUE SIZE",
  Containers: "CONTAINERS",
};
const containerTitles = {
  ID: "CONTAINER ID",
  Image: "IMAGE",
  Command: "COMMAND",
  LocalVolumes: "LOCAL VOLUMES",
  Size: "SIZE",
  RunningFor: "CREATED",
  Status: "STATUS",
  Names: "NAMES",
};
const volumeTitles = { Name: "VOLUME NAME", Links: "LINKS", Size: "SIZE" };
const cacheTitles = {
  ID: "CACHE ID",
  CacheType: "CACHE TYPE",
  Size: "SIZE",
  CreatedSince: "CREATED",
  LastUsedSince: "LAST USED",
  UsageCount: "USAGE",
  Shared: "SHARED",
};

async function tables(usage: UsageReply): Promise<string> {
  const images = (usage.Images ?? []).flatMap((image) => imageRows(image, { whole: false, digests: false }));
  const volumes = (usage.Volumes ?? []).map(({ Name, UsageData }) => ({
    Name,
    Links: String(UsageData?.RefCount ?? "N/A"),
    Size: UsageData === undefined || UsageData === null ? "N/A" : formatSize(UsageData.Size),
  }));
  const cacheSize = usageRows(usage).at(-1)?.Size ?? "0B";
  const parts = [
    ["Images space usage:", await table(imageTitles, images)],
    ["Containers space usage:", await table(containerTitles, containerRows(usage, false))],
    ["Local Volumes space usage:", await table(volumeTitles, volumes)],
    [`Build cache usage: ${cacheSize}`, await table(cacheTitles, [])],
  ];
  return parts.map(([title, text]) => `${title}\n\n${text}`).join("\n");
}

function table(headers: Readonly<Record<string, string>>, rows: readonly Row[]): Promise<string> {
  return formatRows({ type: "", columns: Object.keys(headers), headers }, rows, { format: "" });
}
