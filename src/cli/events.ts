import { parseMoment } from "#base";
import type { EventReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { collectFilters, filterFlag } from "./filter-flag.ts";
import { text } from "./flag.ts";
import { objectFormatFlag } from "./format-flag.ts";
import { preciseTime } from "./human.ts";

export const eventsCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Get real time events from the server",
  aliases: ["system events", "events"],
  args: { min: 0, max: 0 },
  flags: [
    filterFlag,
    text("format", objectFormatFlag.usage),
    text("since", "Show all events created since timestamp"),
    text("until", "Stream events until this timestamp"),
  ],
  run: events,
};

async function events({ flags, client, stdout }: Invocation): Promise<number> {
  const format = flags.text("format");
  const toLine = format === "" ? eventLine : (await import("./object-template.ts")).eventTemplate(format);
  const since = flags.text("since");
  const until = flags.text("until");
  const lines = await client.system.events({
    filters: collectFilters(flags.list("filter")),
    ...(since !== "" && { since: parseMoment(since) }),
    ...(until !== "" && { until: parseMoment(until) }),
  });
  for await (const line of lines) {
    if (line.trim() !== "") stdout.print(`${toLine(line)}\n`);
  }
  return 0;
}

/** "2026-11-21T08:03:35.804175160Z image tag sha256:f9be (name=busybox:latest)": attributes by name. */
export function eventLine(line: string): string {
  const event = JSON.parse(line) as EventReply;
  const attributes = Object.entries(event.Actor.Attributes ?? {}).map(([key, value]) => `${key}=${value}`);
  const suffix = attributes.length === 0 ? "" : ` (${attributes.toSorted().join(", ")})`;
  return `${preciseTime(nanosOf(line, event.time))} ${event.Type} ${event.Action} ${event.Actor.ID}${suffix}`;
}

/** The nanoseconds are above 2^53 and so read from the text. */
function nanosOf(line: string, seconds: number): bigint {
  const digits = [...line.matchAll(/"timeNano":(\d+)/g)].at(-1)?.[1];
  return digits === undefined ? BigInt(seconds) * 1_000_000_000n : BigInt(digits);
}
