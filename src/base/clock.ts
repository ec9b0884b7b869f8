/** Nanoseconds since the Unix epoch. */
export type Instant = bigint;

/** Now. The wall clock has milliseconds; the digits below come from the monotonic clock, so that two events rarely tie. */
export function now(): Instant {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return BigInt(micros) * 1000n;
}

/** RFC 3339 in UTC with nine digits and no trailing zeros, as Go's RFC3339Nano prints it. */
export function formatInstant(instant: Instant): string {
  const nanos = ((instant % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (instant - nanos) / 1_000_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = nanos.toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${whole}Z` : `${whole}.${fraction}Z`;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** Reads RFC 3339 with up to nine digits of fraction; undefined when it is none. */
export function parseInstant(text: string): Instant | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${(match[1] ?? "").replace(" ", "T")}${match[3] ?? "Z"}`);
  if (Number.isNaN(millis)) return undefined;
  return BigInt(millis) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
}

/** Docker's zero time, for "never happened". */
export const neverHappened = "0001-01-01T00:00:00Z";
