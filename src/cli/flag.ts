/** One flag of a command: the parser, the help text and the reference are made from it. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** A list collects its values, in order; the others keep the last. */
  readonly kind: "bool" | "text" | "int" | "list";
  /** What the help calls the value: "string", "list", "bytes". Empty for bool. */
  readonly valueName: string;
  readonly usage: string;
  /** Value when the flag is not given; the help shows it where it is not the kind's zero. */
  readonly fallback?: string;
  /** Checks a value; its error becomes `invalid argument "x" for "--flag" flag: ...`. */
  readonly check?: (value: string) => void;
  /** Accepted, left out of the help. */
  readonly hidden?: boolean;
  /** Name of the flag that it is another spelling of. */
  readonly aliasOf?: string;
}

type Details = Pick<Flag, "short" | "fallback" | "check" | "hidden" | "aliasOf"> & { readonly valueName?: string };

/** A switch: `--name`, `--name=false`. */
export function bool(name: string, usage: string, details: Details = {}): Flag {
  return { name, usage, kind: "bool", valueName: "", ...details };
}

/** A flag with one value. */
export function text(name: string, usage: string, details: Details = {}): Flag {
  return { name, usage, kind: "text", valueName: "string", ...details };
}

/** A flag with a whole number. */
export function int(name: string, usage: string, details: Details = {}): Flag {
  return { name, usage, kind: "int", valueName: "int", check: (value) => void parseInteger(value), ...details };
}

/** A flag that may be given many times. */
export function list(name: string, usage: string, details: Details = {}): Flag {
  return { name, usage, kind: "list", valueName: "list", ...details };
}

/** The values of one call. Asking for a flag that the command does not have is a bug and throws. */
export class FlagValues {
  readonly #flags: ReadonlyMap<string, Flag>;
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(flags: readonly Flag[], given: ReadonlyMap<string, readonly string[]>) {
    this.#flags = new Map(flags.map((flag) => [flag.name, flag]));
    this.#given = given;
  }

  changed(name: string): boolean {
    return this.#given.has(name);
  }

  bool(name: string): boolean {
    return parseBool(this.#last(name) ?? "false");
  }

  /** The empty string when it was not given and has no default. */
  text(name: string): string {
    return this.#last(name) ?? "";
  }

  int(name: string): number | undefined {
    const value = this.#last(name);
    return value === undefined ? undefined : parseInteger(value);
  }

  list(name: string): readonly string[] {
    this.#last(name);
    return this.#given.get(name) ?? [];
  }

  #last(name: string): string | undefined {
    const flag = this.#flags.get(name);
    if (flag === undefined) throw new Error(`no flag --${name} in this command`);
    return this.#given.get(name)?.at(-1) ?? flag.fallback;
  }
}

const truths = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const lies = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** What Go's ParseBool takes, with its words when it does not. */
export function parseBool(value: string): boolean {
  if (truths.has(value)) return true;
  if (lies.has(value)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** What Go's ParseInt takes with base 0 (decimal, 0x, 0o, 0b), with its words when it does not. */
export function parseInteger(value: string): number {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.exec(value);
  if (match?.[2] === undefined) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  const digits = /^0[0-7]+$/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2];
  const number = Number(digits) * (match[1] === "-" ? -1 : 1);
  if (!Number.isSafeInteger(number)) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`);
  return number;
}
