const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * Reads a time as people give it for `--since` and `--until`: a Go duration back from now, RFC 3339 with parts left away (local time without a zone), or
 * unix seconds. Answers with unix time for the API, "seconds" or "seconds.nanoseconds".
 * @throws Error in Docker's words
 */
export function parseMoment(text: string, now: Date = new Date()): string {
  const seconds = text === "0" ? undefined : durationSeconds(text);
  if (seconds !== undefined) return String(Math.trunc(now.getTime() / 1000 - seconds));
  if (/^\d+(?:\.\d{1,9})?$/.test(text)) return text;
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d)?)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const time = (match?.[2] ?? "00").split(":");
  const clock = [time[0] ?? "00", time[1] ?? "00", time[2] ?? "00"].join(":");
  const millis = match === null ? Number.NaN : Date.parse(`${match[1]}T${clock}${match[4] ?? ""}`);
  if (Number.isNaN(millis)) throw new Error(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return `${Math.floor(millis / 1000)}.${(match?.[3] ?? "").padEnd(9, "0")}`;
}

/** A Go duration such as "1h30m" in seconds, undefined when it is none. */
export function durationSeconds(text: string): number | undefined {
  if (text === "0" || text === "+0" || text === "-0") return 0;
  if (!/^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) sum += Number(match[1]) * (units[match[2] ?? ""] ?? 0);
  return text.startsWith("-") ? -sum : sum;
}
