import type { Flag } from "../flag.ts";
import type { Grammar } from "../parse-flags.ts";

/** An unfinished line as far as it is flags and arguments of one command. */
export interface Scan {
  /** The last word; the empty string when it went to `pending`. */
  readonly word: string;
  /** False behind what ends the flags. */
  readonly mayBeFlag: boolean;
  /** Arguments before the last word. */
  readonly taken: readonly string[];
  /** Names of the flags before the last word. */
  readonly given: ReadonlySet<string>;
  /** The flag whose value is being typed, and the value so far. */
  readonly pending?: { readonly flag: Flag; readonly word: string };
  /** From the first argument on, where it ends the flags; empty while there is none. */
  readonly rest: readonly string[];
}

/** Reads the words of a line whose last one is unfinished. A flag that is not known counts as one without a value. */
export function scanWords(grammar: Grammar, words: readonly string[]): Scan {
  const last = words.length - 1;
  const taken: string[] = [];
  const given = new Set<string>();
  let flagsEnded = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (flagsEnded || !word.startsWith("-") || word === "-") {
      if (grammar.interspersed === false && taken.length === 0 && !flagsEnded) {
        const rest = words.slice(at);
        return { word: words[last] ?? "", mayBeFlag: false, taken: words.slice(at, last), given, rest };
      }
      if (at === last) return { word, mayBeFlag: !flagsEnded, taken, given, rest: [] };
      taken.push(word);
      continue;
    }
    if (word === "--" && at < last) {
      flagsEnded = true;
      continue;
    }
    const { flag, value } = readFlag(grammar.flags, word);
    if (flag !== undefined && value !== undefined && at === last)
      return { word: "", mayBeFlag: true, taken, given, rest: [], pending: { flag, word: value } };
    if (at === last) return { word, mayBeFlag: true, taken, given, rest: [] };
    if (flag === undefined) continue;
    given.add(flag.name);
    if (flag.kind === "bool" || value !== undefined) continue;
    if (at + 1 === last) return { word: "", mayBeFlag: true, taken, given, rest: [], pending: { flag, word: words[last] ?? "" } };
    at += 1;
  }
  return { word: "", mayBeFlag: true, taken, given, rest: [] };
}

/** The flag that a word is, the last of several shorthands, and the value that the word holds itself. */
function readFlag(flags: readonly Flag[], word: string): { readonly flag?: Flag | undefined; readonly value?: string } {
  const equals = word.indexOf("=");
  const name = equals === -1 ? word : word.slice(0, equals);
  const value = equals === -1 ? {} : { value: word.slice(equals + 1) };
  if (name.startsWith("--")) return { flag: flags.find((flag) => flag.name === name.slice(2)), ...value };
  return { flag: flags.find((flag) => flag.short === name.at(-1)), ...value };
}
