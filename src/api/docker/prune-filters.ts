import { fault, messageOf, parseMoment, type Instant } from "#base";
import type { PruneFilters } from "#engine";
import { checkFilterKeys, type Filters } from "./filters.ts";
import { readInstant } from "./query.ts";

/** Filters of a prune; `more` are keys that only its kind has. @throws invalid, in Docker's words */
export function readPruneFilters(filters: Filters, more: readonly string[] = []): PruneFilters {
  checkFilterKeys(filters, { here: ["until", "label", "label!", ...more], dockers: [] });
  const until = readUntil(filters.get("until") ?? []);
  const labels = filters.get("label") ?? [];
  const withoutLabels = filters.get("label!") ?? [];
  return {
    ...(until !== undefined && { until }),
    ...(labels.length > 0 && { labels }),
    ...(withoutLabels.length > 0 && { withoutLabels }),
  };
}

function readUntil(values: readonly string[]): Instant | undefined {
  const [text] = values;
  if (text === undefined) return undefined;
  if (values.length > 1) throw fault("invalid", "more than one until filter specified");
  return untilInstant(text);
}

/** A time or a duration back from now. @throws invalid, in Docker's words */
export function untilInstant(text: string): Instant {
  try {
    return readInstant(parseMoment(text));
  } catch (error) {
    throw fault("invalid", messageOf(error), { cause: error });
  }
}
