import { formatSize, shortId } from "#base";
import type { HistoryReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { bool, text } from "./flag.ts";
import { tableFormatFlag } from "./format-flag.ts";
import { humanSince, localInstant } from "./human.ts";
import { printRows } from "./listing.ts";
import { platformJson } from "./platform-flag.ts";
import { ellipsis } from "./table.ts";

export const historyCommand: Command = {
  synopsis: "[OPTIONS] IMAGE",
  summary: "Show the history of an image",
  aliases: ["image history", "history"],
  args: { min: 1, max: 1 },
  flags: [
    tableFormatFlag,
    bool("human", "Print sizes and dates in human readable format", { short: "H", fallback: "true" }),
    bool("no-trunc", "Don't truncate output"),
    text("platform", 'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
    bool("quiet", "Only show image IDs", { short: "q" }),
  ],
  run: history,
};

/** How the rows are written: for people, and whole. */
interface Style {
  readonly human: boolean;
  readonly whole: boolean;
}

async function history(invocation: Invocation): Promise<number> {
  const { flags, args, client } = invocation;
  const platform = platformJson(flags.text("platform"));
  const steps = await client.images.history(args[0] ?? "", platform === undefined ? {} : { platform });
  const style = { human: flags.bool("human"), whole: flags.bool("no-trunc") };
  const listing = {
    type: "*image.historyContext",
    columns: ["ID", style.human ? "CreatedSince" : "CreatedAt", "CreatedBy", "Size", "Comment"],
    headers: titles,
    quiet: "ID",
  };
  const rows = steps.map((step) => rowOf(step, style));
  const format = flags.text("format");
  const quiet = flags.bool("quiet") && ["", "table"].includes(format);
  return await printRows(invocation, listing, rows, { format, quiet, whole: style.whole });
}

const titles = {
  ID: "IMAGE",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  CreatedBy: "CREATED BY",
  Size: "SIZE",
  Comment: "COMMENT",
};

/** Columns of a step that are shown. */
const stepWidth = 45;

function rowOf(step: HistoryReply, { human, whole }: Style): object {
  const createdBy = step.CreatedBy.replaceAll("\t", " ");
  return {
    Comment: step.Comment,
    CreatedAt: localInstant(step.Created),
    CreatedBy: whole ? createdBy : ellipsis(createdBy, stepWidth),
    CreatedSince: human ? humanSince(step.Created) : localInstant(step.Created),
    ID: whole ? step.Id : shortId(step.Id.replace(/^sha256:/, "")),
    Size: human ? formatSize(step.Size, 3) : String(step.Size),
  };
}
