// What may stand for the last word of a line. The words before it are read as the command itself would read them.
import { entryOf, findCommand, groupCommands, groups, isGroup, shortCommands } from "../catalogue.ts";
import type { Flag } from "../flag.ts";
import type { Grammar } from "../parse-flags.ts";
import { argumentSource } from "./argument-sources.ts";
import { flagSource } from "./flag-sources.ts";
import { type Scan, scanWords } from "./scan-words.ts";
import { choice, directives, only, type Situation, type Source, type Suggestion, type Suggestions } from "./suggestion.ts";

/** What one line asks for, and whose answer it is. */
export type Completion = { readonly suggestions: Suggestions } | { readonly plugin: string };

type Around = Omit<Situation, "word" | "taken">;

export interface CompletionOptions {
  readonly globals: Grammar;
  /** Plugins that a first word may name. */
  readonly plugins: () => Promise<readonly Suggestion[]>;
  readonly situation: Around;
}

export async function completeLine(words: readonly string[], options: CompletionOptions): Promise<Completion> {
  const { globals, situation: around } = options;
  const global = scanWords(globals, words);
  const answer = async (suggestions: Suggestions | Promise<Suggestions>): Promise<Completion> => ({ suggestions: await suggestions });
  if (global.rest.length === 0) return await answer(completeFlag(global, globals.flags, { paths: [], around }));
  const [first = "", second = ""] = global.rest;
  if (global.rest.length === 1) return await answer(firstWord(first, options));
  if (isGroup(first) && global.rest.length === 2) return await answer(only(startingWith(second, groupCommands(first).map(asSuggestion))));
  const path = isGroup(first) ? `${first} ${second}` : first;
  const found = findCommand(path);
  if (found === undefined) return isGroup(first) ? await answer(only([])) : { plugin: first };
  const command = await found.load();
  const paths = entryOf(path);
  const scan = scanWords(command, global.rest.slice(path.split(" ").length));
  if (scan.pending !== undefined || (scan.mayBeFlag && scan.word.startsWith("-")))
    return await answer(completeFlag(scan, command.flags, { paths, around }));
  const source = argumentSource(paths, command.args.max ?? Infinity);
  return await answer(offered(source, { ...around, word: scan.word, taken: scan.taken }));
}

async function firstWord(word: string, { plugins }: CompletionOptions): Promise<Suggestions> {
  const managed = Object.entries(groups).map(([name, summary]) => ({ name, summary }));
  const own = [...shortCommands(true), ...shortCommands(false), ...managed].map(asSuggestion);
  const all = [...own, ...(await plugins())].toSorted((a, b) => (a.value < b.value ? -1 : 1));
  return only(startingWith(word, all));
}

async function completeFlag(
  scan: Scan,
  flags: readonly Flag[],
  { paths, around }: { readonly paths: readonly string[]; readonly around: Around },
): Promise<Suggestions> {
  if (scan.pending !== undefined) {
    const { flag, word } = scan.pending;
    const source = flag.kind === "bool" ? choice("false", "true") : flagSource(flag.name, paths);
    return await offered(source, { ...around, word, taken: [] });
  }
  const open = flags.filter((flag) => flag.hidden !== true && (flag.kind === "list" || !scan.given.has(flag.name)));
  const names = open
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((flag) =>
      [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])].map((value) => describedFlag(value, flag)),
    );
  return only(startingWith(scan.word, names));
}

async function offered(source: Source, situation: Situation): Promise<Suggestions> {
  try {
    const { values, directive } = await source(situation);
    return { values: startingWith(situation.word, values), directive };
  } catch {
    return { values: [], directive: directives.failed }; // the shell has no place for a sentence
  }
}

function startingWith(word: string, all: readonly Suggestion[]): readonly Suggestion[] {
  return all.filter(({ value }) => value.startsWith(word));
}

function describedFlag(value: string, flag: Flag): Suggestion {
  return { value, description: flag.usage.split("\n", 1)[0] ?? "" };
}

function asSuggestion({ name, summary }: { readonly name: string; readonly summary: string }): Suggestion {
  return { value: name, description: summary };
}
