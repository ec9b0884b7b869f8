/** Docker matches names as a regular expression of Go's; one that is broken fits only itself. */
export function compilePattern(pattern: string): (text: string) => boolean {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  try {
    const expression = new RegExp(flags === null ? pattern : pattern.slice(flags[0].length), flags?.[1] ?? "");
    return (text) => expression.test(text);
  } catch {
    return (text) => text === pattern;
  }
}
