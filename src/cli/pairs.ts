/** "a=b=c" as ["a", "b=c"]; what has no separator has an empty second part. */
export function splitOnce(entry: string, separator: string): [string, string] {
  const at = entry.indexOf(separator);
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** "key=value" each; the last of a key wins. */
export function pairsOf(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(entries.map((entry) => splitOnce(entry, "=")));
}
