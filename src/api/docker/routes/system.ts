import { fault, isFault, messageOf, now, type Instant } from "#base";
import { authConfig, downgrade } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { parseFilters } from "../filters.ts";
import { readInstant } from "../query.ts";
import { writeAll } from "../stream-writer.ts";
import { encodeEvent, matchesEvent } from "../views/event.ts";
import { infoView, versionView } from "../views/system.ts";

const pingHeaders = {
  "Builder-Version": "1",
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
  Swarm: "inactive",
};

export const systemRoutes: Handlers<"ping" | "pingHead" | "version" | "info" | "events" | "pluginList" | "login"> = {
  ping: ({ exchange }) => exchange.text(200, "OK", pingHeaders),
  pingHead: ({ exchange }) => exchange.text(200, "", pingHeaders),
  version: ({ exchange, identity, verbs }) => exchange.reply(200, versionView(identity, verbs.system.info())),
  info: ({ exchange, identity, verbs, version }) =>
    exchange.reply(200, downgrade("info", infoView(verbs.system.info(), identity, now()), version)),
  pluginList: ({ exchange }) => exchange.reply(200, []),
  events,
  login,
};

/** The daemon only asks the registry; keeping what was asked with is the client's business. */
async function login({ exchange, verbs }: Call<"login">): Promise<void> {
  const document = await exchange.json(authConfig).catch((error: unknown) => {
    // Here Docker takes what it cannot read for a failure of its own.
    throw isFault(error, "invalid") ? fault("internal", messageOf(error).replace(/^invalid JSON: /, "")) : error;
  });
  if (document === undefined) throw fault("internal", "EOF");
  const { username, password, serveraddress: serverAddress, identitytoken: identityToken } = document.value;
  const granted = await verbs.system.login({ username, password, serverAddress, identityToken }, exchange.signal);
  exchange.reply(200, { IdentityToken: granted.identityToken, Status: "Login Succeeded" });
}

/** Milliseconds that a timer can be set to. */
const longestTimer = 2 ** 31 - 1;

/** Kept events of the span that was asked for, then live ones until the client goes or until the time it named. */
async function events({ exchange, query, verbs, version }: Call<"events">): Promise<void> {
  const since = readTime(query.since);
  const until = readTime(query.until);
  if (since !== undefined && until !== undefined && since > until)
    throw fault("invalid", `\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`);
  const filters = parseFilters(query.filters);
  const span = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
  const listening = verbs.system.events(span, endOf(until, exchange.signal))[Symbol.asyncIterator]();
  // Asked for before the head goes out, so that whoever has the head misses nothing.
  let coming = listening.next();
  const sink = exchange.begin("application/json");
  for (let next = await coming; next.done !== true; next = await coming) {
    const lines = next.value.filter((event) => matchesEvent(event, filters, version)).map(encodeEvent);
    const [only] = lines;
    if (only !== undefined && !(await writeAll(sink, lines.length === 1 ? only : Buffer.concat(lines)))) break;
    coming = listening.next();
  }
  await listening.return?.();
  sink.end();
}

/** Aborts when the client is gone or the time has come. A time that is past needs no clock: those events are all there. */
function endOf(until: Instant | undefined, gone: AbortSignal): AbortSignal {
  const left = until === undefined ? 0n : until - now();
  if (left <= 0n) return gone;
  return AbortSignal.any([gone, AbortSignal.timeout(Math.min(Number(left / 1_000_000n) + 1, longestTimer))]);
}

/** Unix seconds with a fraction, or RFC 3339. @throws internal, as Docker does */
function readTime(text: string | undefined): Instant | undefined {
  return text === undefined || text === "" ? undefined : readInstant(text);
}
