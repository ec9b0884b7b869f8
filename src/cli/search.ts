import type { SearchReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { bool, int, text } from "./flag.ts";
import { printRows } from "./listing.ts";
import { ellipsis } from "./table.ts";

export const searchCommand: Command = {
  synopsis: "[OPTIONS] TERM",
  summary: "Search Docker Hub for images",
  args: { min: 1, max: 1 },
  flags: [
    filterFlag,
    text("format", "Pretty-print search using a Go template"),
    int("limit", "Max number of search results"),
    bool("no-trunc", "Don't truncate output"),
  ],
  run: search,
};

const listing = {
  type: "*search.searchContext",
  columns: ["Name", "Description", "StarCount", "IsOfficial"],
  headers: { Name: "NAME", Description: "DESCRIPTION", StarCount: "STARS", IsOfficial: "OFFICIAL", IsAutomated: "AUTOMATED" },
};

async function search(invocation: Invocation): Promise<number> {
  const { flags, args, client } = invocation;
  const [term = ""] = args;
  const { authForTerm } = await import("./login/image-auth.ts");
  const found = await client.images.search(term, {
    limit: flags.int("limit") ?? 0,
    filters: collectFilters(flags.list("filter")),
    auth: await authForTerm(term, invocation),
  });
  const whole = flags.bool("no-trunc");
  const rows = found.toSorted((a, b) => b.star_count - a.star_count).map((hit) => rowOf(hit, whole));
  return await printRows(invocation, listing, rows, { format: flags.text("format"), whole });
}

/** Columns of a description that are shown. */
const descriptionWidth = 45;

function rowOf({ name, description, star_count: stars, is_official: official }: SearchReply, whole: boolean): object {
  const line = description.replaceAll(/[\n\r]/g, " ");
  return {
    Description: whole ? line : ellipsis(line, descriptionWidth),
    IsAutomated: "",
    IsOfficial: official ? "[OK]" : "",
    Name: name,
    StarCount: String(stars),
  };
}
