// How the kernel writes numbers in its files: alone, in lines of a name and a number, or in lines of words.

/** The parts of a line between blanks. */
export function wordsOf(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}

/** A file that holds one number; undefined for "max" and for a file that is not there. */
export function readNumber(text: string | undefined): bigint | undefined {
  const word = text?.trim() ?? "";
  return /^\d+$/.test(word) ? BigInt(word) : undefined;
}

/** A file of lines "name number". */
export function readNumbers(text: string | undefined): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const line of (text ?? "").split("\n")) {
    const space = line.indexOf(" ");
    const number = readNumber(line.slice(space + 1));
    if (space > 0 && number !== undefined) found.set(line.slice(0, space), number);
  }
  return found;
}

/** The named counters, 0 for those that this kernel does not have. */
export function pick(found: ReadonlyMap<string, bigint>, names: readonly string[]): Readonly<Record<string, bigint>> {
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? 0n]));
}
