import type { ContainerSummary, Filters } from "#client";
import type { Colour } from "./colour.ts";
import type { Command, Invocation } from "./command.ts";
import { containerRow, platformText } from "./container-row.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { bool, type FlagValues, int } from "./flag.ts";
import { tableFormatFlag } from "./format-flag.ts";
import { type Listing, printRows } from "./listing.ts";

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

const titles = {
  ID: "CONTAINER ID",
  Names: "NAMES",
  Image: "IMAGE",
  Command: "COMMAND",
  CreatedAt: "CREATED AT",
  RunningFor: "CREATED",
  Ports: "PORTS",
  State: "STATE",
  Status: "STATUS",
  Size: "SIZE",
  Labels: "LABELS",
  Mounts: "MOUNTS",
  LocalVolumes: "LOCAL VOLUMES",
  Networks: "NETWORKS",
  Platform: "PLATFORM",
};

const rawLines = [
  "container_id: {{.ID}}",
  "image: {{.Image}}",
  "command: {{.Command}}",
  "created_at: {{.CreatedAt}}",
  "state: {{- pad .State 1 0}}",
  "status: {{- pad .Status 1 0}}",
  "names: {{.Names}}",
  "labels: {{- pad .Labels 1 0}}",
  "ports: {{- pad .Ports 1 0}}",
];

async function ps(invocation: Invocation): Promise<number> {
  const { flags, client, config, stderr } = invocation;
  const format = flags.text("format") || config.text("psFormat");
  const quiet = flags.bool("quiet");
  if (flags.text("format") !== "" && quiet) stderr.print("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
  const size = (await showsSize(format)) || flags.bool("size");
  const containers = await client.containers.list({ ...listOptions(flags), size });
  const rows = containers.map((container) => containerRow(container, flags.bool("no-trunc")));
  const chosen = quiet && format !== "raw" ? "" : format;
  return await printRows(invocation, containerListing(flags.bool("size"), containers), rows, {
    format: chosen,
    quiet,
    whole: flags.bool("no-trunc"),
  });
}

/** True when a template shows sizes, which take the daemon long, so they are asked for only where the template shows them. */
export async function showsSize(format: string): Promise<boolean> {
  if (!format.includes("{{")) return false;
  const { asksFor } = await import("./template-rows.ts");
  return asksFor("Size", containerListing(false, []), { format, empty: containerRow(nothing, false) });
}

const nothing: ContainerSummary = { Id: "", Image: "", Command: "", Created: 0, State: "", Status: "" };

/** What runs is green, what waits yellow, what failed red. */
function statusColour(row: Readonly<Record<string, unknown>>): Colour | undefined {
  const { State, Status } = row as { readonly State: string; readonly Status: string };
  if (State === "running") return Status.includes("(unhealthy)") ? "red" : "green";
  if (State === "paused" || State === "restarting") return "yellow";
  return State === "dead" || /^Exited \((?!0\))/.test(Status) ? "red" : "faint";
}

export function containerListing(size: boolean, containers: readonly ContainerSummary[]): Listing {
  const raw = [...rawLines, ...(size ? ["size: {{.Size}}"] : [])];
  return {
    type: "*formatter.ContainerContext",
    columns: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", ...(size ? ["Size"] : [])],
    headers: titles,
    quiet: "ID",
    raw: { plain: raw.map((line) => `${line}\n`).join(""), quiet: "container_id: {{.ID}}" },
    colours: (field, row) => (field === "Status" ? statusColour(row) : undefined),
    texts: { Platform: platformText },
    methods: (index) => ({ Label: (key) => containers[index]?.Labels?.[key] ?? "" }),
  };
}

function listOptions(flags: FlagValues): { all: boolean; limit?: number; filters: Filters } {
  const last = flags.int("last") ?? -1;
  const limit = flags.bool("latest") && last === -1 ? 1 : last;
  return { all: flags.bool("all"), filters: collectFilters(flags.list("filter")), ...(limit > 0 && { limit }) };
}
