/** A moment: a Date, seconds since the epoch, or a text of RFC 3339 as log entries have it. */
export type TimePoint = Date | number | string;

/** "seconds.nanoseconds" since the epoch; a text keeps its nanoseconds. @throws RangeError for a text that is none of these */
export function unixTime(point: TimePoint): string {
  if (typeof point === "number") return point.toFixed(9);
  if (point instanceof Date) return (point.getTime() / 1000).toFixed(9);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(point);
  if (match === null) throw new RangeError(`${JSON.stringify(point)} is no time of RFC 3339`);
  const [, seconds = "", fraction = "", zone = ""] = match;
  return `${Date.parse(seconds + zone) / 1000}.${fraction.padEnd(9, "0")}`;
}
