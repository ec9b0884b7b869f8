/** Filters by key; the values of one key are alternatives. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** The `filters` query in the form that every daemon since 1.10 reads; undefined when there are none. */
export function encodeFilters(filters: Filters | undefined): string | undefined {
  const keys = Object.entries(filters ?? {});
  if (keys.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(keys.map(([key, values]) => [key, Object.fromEntries(values.map((value) => [value, true]))])));
}
