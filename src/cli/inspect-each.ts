import type { Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { indentJson } from "./json-text.ts";

export interface Inspected {
  readonly json: string;
  /** The Go type that Docker reads it into, "container.InspectResponse"; without one templates see the JSON itself. */
  readonly type?: string;
  /** True when Docker's client made the object itself, so that there is no JSON of a daemon's to look into. */
  readonly isOwn?: boolean;
}

/** What every `inspect` prints: what was found, as one array or by the template of --format, then the errors. */
export async function inspectEach(
  { flags, stdout, stderr, program }: Invocation,
  names: readonly string[],
  find: (name: string) => Promise<Inspected>,
): Promise<number> {
  const format = flags.text("format");
  const toText = format === "" || format === "json" ? undefined : (await import("./object-template.ts")).inspectTemplate(format);
  const found: string[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      const object = await find(name);
      found.push(toText === undefined ? object.json.trim() : toText(object));
    } catch (error) {
      failures.push(`${describeError(error, program)}\n`);
    }
  }
  if (toText !== undefined) stdout.print(found.join("") || "\n");
  else stdout.print(`${format === "json" ? `[${found.join(",")}]` : indentJson(`[${found.join(",")}]`)}\n`);
  stderr.print(failures.join(""));
  return failures.length === 0 ? 0 : 1;
}
