// Go's fmt.Sprintf for the values of templates: verbs, flags, widths, and the texts that stand for mistakes.
import { floatText, printed, twoDigitExponent } from "./print.ts";
import { goQuote, isPrintable } from "./quote.ts";
import { GoInterface, GoMap, GoPointer, GoSlice, GoStruct, scalarOf, typeOf, unwrapInterface, type GoValue, type Scalar } from "./value.ts";

/** A value with parts. */
type Composite = Exclude<GoValue, Scalar | undefined>;

interface Directive {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width?: number;
  readonly precision?: number;
  readonly verb: string;
}

const form = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(.?)/gsu;

/** A width above ten million ends the format, as in Go, before it fills the memory. */
const hugeWidth = /%[-+# 0]*(?:0*[1-9]\d{8,}|[-+# 0\d]*\.\d{9,}).*$/s;

export function sprintf(given: string, args: readonly GoValue[]): string {
  const format = given.replace(hugeWidth, "%");
  let used = 0;
  const text = format.replaceAll(form, (...match: readonly string[]) => {
    const [whole = "", flags = "", width = "", precision, verb = ""] = match;
    if (verb === "") return "%!(NOVERB)";
    if (verb === "%") return "%";
    const star = (given: string | undefined): number | undefined => {
      if (given !== "*") return given === undefined || given === "" ? undefined : Number(given);
      const size = scalarOf(unwrapInterface(args[used]));
      used += 1;
      return typeof size === "bigint" ? Number(size) : undefined;
    };
    const wide = star(width);
    const dot = whole.slice(1 + flags.length + width.length).startsWith(".");
    const precise = star(precision) ?? (dot ? 0 : undefined);
    if (used >= args.length) return `%!${verb}(MISSING)`;
    const minus = flags.includes("-") || (wide ?? 0) < 0;
    const directive = {
      minus,
      plus: flags.includes("+"),
      sharp: flags.includes("#"),
      space: flags.includes(" "),
      zero: flags.includes("0") && !minus,
      ...(wide !== undefined && { width: Math.abs(wide) }),
      ...(precise !== undefined && { precision: precise }),
      verb,
    };
    used += 1;
    return formatted(directive, args[used - 1]);
  });
  if (used >= args.length) return text;
  const extra = args.slice(used).map((value) => (unwrapInterface(value) === undefined ? "<nil>" : `${typeName(value)}=${printed(value)}`));
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function typeName(value: GoValue): string {
  const inner = unwrapInterface(value);
  return inner === undefined ? "<nil>" : typeOf(inner).name;
}

function formatted(directive: Directive, given: GoValue): string {
  const value = unwrapInterface(given);
  const { verb } = directive;
  if (verb === "T") return padded(directive, typeName(value));
  if (value === undefined) return verb === "v" ? padded(directive, "<nil>") : `%!${verb}(<nil>)`;
  if (verb === "p") return value instanceof GoPointer ? "0xc000012345" : badVerb(verb, value);
  if (verb === "v" && (directive.plus || directive.sharp)) return padded(directive, printed(value, directive.sharp ? "source" : "names"));
  const scalar = scalarOf(value);
  if (scalar === undefined) return formattedParts(directive, value as Composite, 0);
  const text = typeOf(value).text;
  if (text !== undefined && /[vsqxX]/.test(verb)) return formattedText(directive, text(scalar)) ?? badVerb(verb, value);
  return formattedScalar(directive, scalar) ?? badVerb(verb, value);
}

/** Each part of a map, slice or struct is printed with the verb of the whole. */
function formattedParts(directive: Directive, value: Composite, depth: number): string {
  const part = (inner: GoValue): string => {
    const bare = unwrapInterface(inner);
    if (bare === undefined) return directive.verb === "v" ? "<nil>" : `%!${directive.verb}(<nil>)`;
    if (scalarOf(bare) !== undefined) return formatted(directive, bare);
    return formattedParts(directive, bare as Composite, depth + 1);
  };
  if (value instanceof GoMap) {
    return `map[${[...value.entries].map(([key, element]) => `${formatted(directive, key)}:${part(element)}`).join(" ")}]`;
  }
  if (value instanceof GoSlice) return `[${value.items.map(part).join(" ")}]`;
  if (value instanceof GoStruct) return `{${[...value.values.values()].map(part).join(" ")}}`;
  if (value instanceof GoPointer && value.target !== undefined && depth === 0) return `&${part(value.target)}`;
  if (value instanceof GoInterface) return part(value.value);
  if (value instanceof GoPointer && value.target === undefined && directive.verb !== "v")
    return `%!${directive.verb}(${value.type.name}=<nil>)`;
  return padded(directive, printed(value, "plain", depth));
}

function badVerb(verb: string, value: GoValue): string {
  return `%!${verb}(${typeName(value)}=${printed(value)})`;
}

function formattedScalar(directive: Directive, value: Scalar): string | undefined {
  if (typeof value === "string") return formattedText(directive, value);
  if (typeof value === "bigint") return formattedInteger(directive, value);
  if (typeof value === "number") return formattedFloat(directive, value);
  return directive.verb === "t" || directive.verb === "v" ? padded(directive, String(value)) : undefined;
}

function formattedText(directive: Directive, text: string): string | undefined {
  const { verb, precision } = directive;
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join("");
  if (verb === "s" || verb === "v") return padded(directive, cut);
  if (verb === "q") return padded(directive, directive.sharp && !cut.includes("`") ? `\`${cut}\`` : goQuote(cut));
  if (verb !== "x" && verb !== "X") return undefined;
  const bytes = precision === undefined ? Buffer.from(text) : Buffer.from(text).subarray(0, precision);
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const hex = directive.space ? pairs.join(directive.sharp ? " 0x" : " ") : pairs.join("");
  const whole = directive.sharp && hex !== "" ? `0x${hex}` : hex;
  return padded(directive, verb === "X" ? whole.toUpperCase() : whole);
}

const bases: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  v: [10, ""],
  d: [10, ""],
  b: [2, "0b"],
  o: [8, "0"],
  O: [8, "0o"],
  x: [16, "0x"],
  X: [16, "0X"],
};

function formattedInteger(directive: Directive, value: bigint): string | undefined {
  const { verb, precision, width, zero } = directive;
  if (verb === "c") return padded(directive, codePoint(value));
  if (verb === "q") return padded(directive, goQuote(codePoint(value), "'"));
  if (verb === "U") {
    const name = `U+${value
      .toString(16)
      .toUpperCase()
      .padStart(precision ?? 4, "0")}`;
    return padded(directive, directive.sharp && isPrintable(codePoint(value)) ? `${name} '${codePoint(value)}'` : name);
  }
  const base = bases[verb];
  if (base === undefined) return undefined;
  const sign = value < 0n ? "-" : directive.plus ? "+" : directive.space ? " " : "";
  const digits = (value < 0n ? -value : value).toString(base[0]).padStart(precision ?? 1, "0");
  const shown = verb === "X" ? digits.toUpperCase() : digits;
  const prefix = directive.sharp || verb === "O" ? base[1] : "";
  const filled = zero && precision === undefined ? shown.padStart((width ?? 0) - sign.length, "0") : shown;
  return padded({ ...directive, zero: false }, sign + prefix + filled);
}

function codePoint(value: bigint): string {
  return value >= 0n && value <= 0x10_ffffn ? String.fromCodePoint(Number(value)) : "\ufffd";
}

function formattedFloat(directive: Directive, value: number): string | undefined {
  const digits = floatDigits(directive, value);
  if (digits === undefined) return undefined;
  const signed = value >= 0 && directive.plus ? `+${digits}` : value >= 0 && directive.space ? ` ${digits}` : digits;
  if (!directive.zero || !Number.isFinite(value)) return padded({ ...directive, zero: false }, signed);
  const sign = /^[-+ ]/.exec(signed)?.[0] ?? "";
  return sign + signed.slice(sign.length).padStart((directive.width ?? 0) - sign.length, "0");
}

function floatDigits({ verb, precision }: Directive, value: number): string | undefined {
  if (!Number.isFinite(value) && /[veEfFgG]/.test(verb)) return floatText(value);
  switch (verb) {
    case "f":
    case "F":
      return value.toFixed(precision ?? 6);
    case "e":
    case "E": {
      const text = twoDigitExponent(value.toExponential(precision ?? 6));
      return verb === "E" ? text.toUpperCase() : text;
    }
    case "v":
    case "g":
    case "G": {
      const text = precision === undefined ? floatText(value) : shortestGeneral(value, precision);
      return verb === "G" ? text.toUpperCase() : text;
    }
    default:
      return undefined;
  }
}

/** %g with a precision: so many significant digits, without zeros at the end. */
function shortestGeneral(value: number, precision: number): string {
  const significant = Math.max(1, precision);
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
  if (exponent >= -4 && exponent < significant) return String(Number(value.toPrecision(significant)));
  const [digits = "", power = ""] = value.toExponential(significant - 1).split("e");
  return twoDigitExponent(`${Number(digits)}e${power}`);
}

/** Widths count characters, not columns of the screen, as in Go. */
function padded({ width = 0, minus, zero }: Directive, text: string): string {
  const fill = (zero ? "0" : " ").repeat(Math.max(0, width - Array.from(text).length));
  return minus ? text + fill : fill + text;
}
