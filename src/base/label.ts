/** "key" asks for a label, "key=value" for its value too. */
export function matchesLabel(labels: Readonly<Record<string, string>>, condition: string): boolean {
  const equals = condition.indexOf("=");
  const key = equals === -1 ? condition : condition.slice(0, equals);
  if (!Object.hasOwn(labels, key)) return false;
  return equals === -1 || labels[key] === condition.slice(equals + 1);
}
