import { fault, now, parseInstant } from "#base";
import { downgrade } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { parseFilters } from "../filters.ts";
import { readInteger } from "../query.ts";
import { writeAll } from "../stream-writer.ts";
import { eventView, matchesEvent } from "../views/event.ts";
import { infoView, versionView } from "../views/system.ts";

const pingHeaders = {
  "Builder-Version": "1",
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
  Swarm: "inactive",
};

export const systemRoutes: Handlers<"ping" | "pingHead" | "version" | "info" | "events" | "pluginList"> = {
  ping: ({ exchange }) => exchange.text(200, "OK", pingHeaders),
  pingHead: ({ exchange }) => exchange.text(200, "", pingHeaders),
  version: ({ exchange, identity, verbs }) => exchange.reply(200, versionView(identity, verbs.system.info())),
  info: ({ exchange, identity, verbs, version }) =>
    exchange.reply(200, downgrade("info", infoView(verbs.system.info(), identity, now()), version)),
  pluginList: ({ exchange }) => exchange.reply(200, []),
  events,
};

/** Milliseconds that a timer can be set to. */
const longestTimer = 2 ** 31 - 1;

/** Live events until the client goes, or until the time it named. */
async function events({ exchange, query, verbs, version }: Call<"events">): Promise<void> {
  const since = readTime(query.since);
  const until = readTime(query.until);
  if (since !== undefined && until !== undefined && since > until)
    throw fault("invalid", `\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`);
  const filters = parseFilters(query.filters);
  const isOver = until !== undefined && until <= Date.now();
  if (since !== undefined && !isOver) throw fault("unsupported", "query parameter since of GET /events is not implemented");
  const left = until === undefined ? undefined : Math.min(until - Date.now(), longestTimer);
  const signal = left === undefined ? exchange.signal : AbortSignal.any([exchange.signal, AbortSignal.timeout(Math.max(0, left))]);
  const listening = isOver ? undefined : verbs.system.events(signal)[Symbol.asyncIterator]();
  // Asked for before the head goes out, so that whoever has the head misses nothing.
  let coming = listening?.next();
  const sink = exchange.begin("application/json");
  for (;;) {
    const next = await coming;
    if (next === undefined || next.done === true) break;
    if (matchesEvent(next.value, filters, version) && !(await writeAll(sink, `${JSON.stringify(eventView(next.value))}\n`))) break;
    coming = listening?.next();
  }
  sink.end();
}

/** Milliseconds since the epoch from Unix seconds with a fraction, or RFC 3339. @throws internal, as Docker does */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const instant = parseInstant(text);
  if (instant !== undefined) return Number(instant / 1_000_000n);
  const [seconds = "", fraction = ""] = text.split(".");
  return readInteger(seconds, "ParseInt") * 1000 + Math.floor(readInteger((fraction || "0").padEnd(9, "0"), "ParseInt") / 1e6);
}
