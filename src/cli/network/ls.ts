import { shortId } from "#base";
import type { NetworkReply } from "#client";
import type { Command, Invocation } from "../command.ts";
import { collectFilters, filterFlag } from "../filter-flag.ts";
import { bool } from "../flag.ts";
import { tableFormatFlag } from "../format-flag.ts";
import { type Listing, printRows } from "../listing.ts";

export const networkLsCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "List networks",
  aliases: ["network ls", "network list"],
  args: { min: 0, max: 0 },
  flags: [
    { ...filterFlag, usage: 'Provide filter values (e.g. "driver=bridge")' },
    tableFormatFlag,
    bool("no-trunc", "Do not truncate the output"),
    bool("quiet", "Only display network IDs", { short: "q" }),
  ],
  run: list,
};

async function list(invocation: Invocation): Promise<number> {
  const { flags, client, config } = invocation;
  const quiet = flags.bool("quiet");
  const whole = flags.bool("no-trunc");
  const networks = await client.networks.list({ filters: collectFilters(flags.list("filter")) });
  const sorted = networks.toSorted((one, other) => (one.Name < other.Name ? -1 : 1));
  const rows = sorted.map((network) => networkRow(network, whole));
  const format = flags.text("format") || (quiet ? "" : config.text("networksFormat"));
  return await printRows(invocation, networkListing(sorted), rows, { format, quiet, whole });
}

interface NetworkRow {
  readonly CreatedAt: string;
  readonly Driver: string;
  readonly ID: string;
  readonly IPv4: string;
  readonly IPv6: string;
  readonly Internal: string;
  readonly Labels: string;
  readonly Name: string;
  readonly Scope: string;
}

function networkRow(network: NetworkReply, whole: boolean): NetworkRow {
  return {
    CreatedAt: network.Created.replace("T", " ").replace(/Z$/, " +0000 UTC"),
    Driver: network.Driver,
    ID: whole ? network.Id : shortId(network.Id),
    IPv4: String(network.EnableIPv4 ?? false),
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Labels: Object.entries(network.Labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .toSorted()
      .join(","),
    Name: network.Name,
    Scope: network.Scope,
  };
}

function networkListing(networks: readonly NetworkReply[]): Listing {
  return {
    type: "*network.networkContext",
    columns: ["ID", "Name", "Driver", "Scope"],
    headers: {
      CreatedAt: "CREATED AT",
      Driver: "DRIVER",
      ID: "NETWORK ID",
      IPv4: "IPV4",
      IPv6: "IPV6",
      Internal: "INTERNAL",
      Labels: "LABELS",
      Name: "NAME",
      Scope: "SCOPE",
    },
    quiet: "ID",
    raw: {
      plain: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
      quiet: "network_id: {{.ID}}",
    },
    methods: (index) => ({ Label: (key) => networks[index]?.Labels?.[key] ?? "" }),
  };
}
