// The rules of pflag, which Docker's users know by heart: -itd, -eA=1, --rm=true, -i=false, `--` ends the flags.
import { messageOf } from "#base";
import { type Flag, FlagValues, parseBool } from "./flag.ts";
import { UsageError } from "./usage-error.ts";

export interface Grammar {
  readonly flags: readonly Flag[];
  /** False where the first positional ends the flags, as in `run IMAGE -x`. */
  readonly interspersed?: boolean;
  /** Flags of Docker that are not here yet: an error that says so. A letter is a shorthand. */
  readonly missing?: readonly string[];
}

export interface Parsed {
  readonly values: FlagValues;
  readonly positionals: readonly string[];
  /** --help or -h was given; `helpByShorthand` when it was -h. */
  readonly help: boolean;
  readonly helpByShorthand: boolean;
}

/** Every command has it. */
export const helpFlag: Flag = { name: "help", kind: "bool", valueName: "", usage: "Print usage", hidden: true };

/** @throws UsageError in pflag's words */
export function parseFlags(grammar: Grammar, args: readonly string[]): Parsed {
  return new FlagParser(grammar, args).parse();
}

class FlagParser {
  readonly #grammar: Grammar;
  readonly #flags: readonly Flag[];
  readonly #rest: string[];
  readonly #given = new Map<string, string[]>();
  #helpByShorthand = false;

  constructor(grammar: Grammar, args: readonly string[]) {
    this.#grammar = grammar;
    this.#flags = [...grammar.flags, helpFlag];
    this.#rest = [...args];
  }

  parse(): Parsed {
    const positionals: string[] = [];
    while (!this.#helpByShorthand) {
      const arg = this.#rest.shift();
      if (arg === undefined) break;
      if (arg === "--") {
        positionals.push(...this.#rest.splice(0));
      } else if (arg.startsWith("--")) {
        this.#long(arg);
      } else if (arg.startsWith("-") && arg.length > 1) {
        this.#shorts(arg);
      } else {
        positionals.push(arg);
        if (this.#grammar.interspersed === false) positionals.push(...this.#rest.splice(0));
      }
    }
    const values = new FlagValues(this.#flags, this.#given);
    return { values, positionals, help: this.#helpByShorthand || values.bool("help"), helpByShorthand: this.#helpByShorthand };
  }

  #long(arg: string): void {
    const equals = arg.indexOf("=");
    const name = equals === -1 ? arg.slice(2) : arg.slice(2, equals);
    if (name === "" || name.startsWith("-")) throw new UsageError(`bad flag syntax: ${arg}`);
    const flag = this.#flags.find((candidate) => candidate.name === name);
    if (flag === undefined) {
      if (this.#grammar.missing?.includes(name)) throw new UsageError(`gantry does not have the flag --${name} yet`);
      throw new UsageError(`unknown flag: --${name}`);
    }
    if (equals !== -1) this.#set(flag, arg.slice(equals + 1));
    else if (flag.kind === "bool") this.#set(flag, "true");
    else this.#set(flag, this.#next(`--${name}`));
  }

  #shorts(arg: string): void {
    for (let letters = arg.slice(1); letters !== "";) {
      const letter = letters.slice(0, 1);
      letters = letters.slice(1);
      const flag = this.#flags.find((candidate) => candidate.short === letter);
      if (flag === undefined) {
        if (letter === "h") {
          this.#helpByShorthand = true;
          return;
        }
        if (this.#grammar.missing?.includes(letter)) throw new UsageError(`gantry does not have the flag -${letter} yet`);
        throw new UsageError(`unknown shorthand flag: ${quoteLetter(letter)} in ${arg}`);
      }
      if (letters.startsWith("=") && letters.length > 1) {
        this.#set(flag, letters.slice(1));
        return;
      }
      if (flag.kind === "bool") {
        this.#set(flag, "true");
        continue;
      }
      this.#set(flag, letters === "" ? this.#next(`${quoteLetter(letter)} in ${arg}`) : letters);
      return;
    }
  }

  #next(subject: string): string {
    const value = this.#rest.shift();
    if (value === undefined) throw new UsageError(`flag needs an argument: ${subject}`);
    return value;
  }

  #set(flag: Flag, value: string): void {
    try {
      if (flag.kind === "bool") parseBool(value);
      flag.check?.(value);
    } catch (error) {
      const name = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
      throw new UsageError(`invalid argument ${JSON.stringify(value)} for "${name}" flag: ${messageOf(error)}`);
    }
    const key = flag.aliasOf ?? flag.name;
    const values = this.#given.get(key);
    if (values === undefined) this.#given.set(key, [value]);
    else values.push(value);
  }
}

function quoteLetter(letter: string): string {
  return `'${letter}'`;
}
