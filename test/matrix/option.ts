// One way to say a flag of `run` and `create`, and the facts in which it must show.

export interface Option {
  /** "cap-add" */
  readonly flag: string;
  /** The words as the command line takes them; {work} is the folder of the run, {disk} a block device, {case} the case's own name. */
  readonly words: readonly string[];
  /** Starts of the facts that must differ from those of a plain container; empty only with `silent`. */
  readonly shows: readonly string[];
  /** Why no fact can tell. */
  readonly silent?: string;
  /** What no other option of the same case may claim too. */
  readonly claims: readonly string[];
  /** Docker refuses it, at the client, the daemon or the start: a case has at most one such. */
  readonly refused: boolean;
  /** Run instead of the usual one. */
  readonly image?: string;
  /** Only `run` has it, or only a container that is never started can be looked at. */
  readonly verb?: "run" | "create";
}

interface OptionFacts {
  readonly claims?: readonly string[];
  readonly silent?: string;
  readonly refused?: boolean;
  readonly image?: string;
  readonly verb?: "run" | "create";
}

/** An image that nobody has, at an address where nobody listens. */
export const absentImage = "127.0.0.1:1/absent:latest";

const shorthands: Readonly<Record<string, string>> = {
  "-a": "attach",
  "-c": "cpu-shares",
  "-d": "detach",
  "-e": "env",
  "-h": "hostname",
  "-i": "interactive",
  "-l": "label",
  "-m": "memory",
  "-p": "publish",
  "-P": "publish-all",
  "-q": "quiet",
  "-t": "tty",
  "-u": "user",
  "-v": "volume",
  "-w": "workdir",
};

/** Words are parted by blanks; a blank inside a word is written "~". */
function option(line: string, shows: readonly string[], facts: OptionFacts = {}): Option {
  const words = line.split(" ").map((word) => word.replaceAll("~", " "));
  const named = (words[0] ?? "").replace(/=.*$/s, "");
  const flag = shorthands[named] ?? named.replace(/^--/, "");
  const { claims = [flag], refused = false, ...rest } = facts;
  return { flag, words, shows, claims, refused, ...rest };
}

/** An option that claims its flag, and what else is named. */
export function one(line: string, shows: string, facts: OptionFacts = {}): Option {
  const made = option(line, shows.split(" "), { ...facts, claims: [] });
  return { ...made, claims: [made.flag, ...(facts.claims ?? [])] };
}

/** An option that may stand in a case with others of its flag: it claims only its value. */
export function also(line: string, shows: string, facts: OptionFacts = {}): Option {
  return option(line, shows.split(" "), { ...facts, claims: [line, ...(facts.claims ?? [])] });
}

/** One that Docker says no to; what it says is what shows. */
export function refused(line: string, facts: OptionFacts = {}): Option {
  return { ...one(line, "exit stderr", facts), refused: true };
}

/** One that no fact can show. */
export function silent(line: string, why: string, facts: OptionFacts = {}): Option {
  return { ...one(line, "", facts), shows: [], silent: why };
}
