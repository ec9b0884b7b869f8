const binary: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** Memory such as "64m", "1.5g", "100kb", in bytes. @throws Error in Docker's words */
export function parseBytes(text: string): number {
  const last = text.search(/[0-9. ][^0-9. ]*$/);
  if (last === -1) throw new Error(`invalid size: '${text}'`);
  const digits = text[last] === " " ? text.slice(0, last) : text.slice(0, last + 1);
  const suffix = text.slice(last + 1);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits)) throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(digits)}: invalid syntax`);
  const number = Number(digits);
  if (number < 0) throw new Error(`invalid size: '${text}'`);
  const match = /^(?:([kmgtp])(?:i?b)?|b?)$/.exec(suffix.toLowerCase());
  if (match === null) throw new Error(`invalid suffix: '${suffix}'`);
  return Math.trunc(number * (match[1] === undefined ? 1 : (binary[match[1]] ?? 1)));
}

/** As `parseBytes`, and -1 for no limit. @throws Error in Docker's words */
export function parseSwap(text: string): number {
  return text === "-1" ? -1 : parseBytes(text);
}

/** CPUs such as "1.5", exactly, in billionths. @throws Error in Docker's words */
export function parseCpus(text: string): number {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  const digits = `${match?.[2] ?? ""}${match?.[3] ?? ""}`;
  if (match === null || digits === "") throw new Error(`failed to parse ${text} as a rational number`);
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > 9) throw new Error("value is too precise");
  return Number(`${match[1]}${match[2]}${fraction.padEnd(9, "0")}`);
}

export interface Ulimit {
  readonly Name: string;
  readonly Hard: number;
  readonly Soft: number;
}

const ulimitNames = new Set("core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "));

/** "nofile=1024:2048"; one number is both limits, -1 is no limit. @throws Error in Docker's words */
export function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf("=");
  if (equals === -1) throw new Error(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!ulimitNames.has(name)) throw new Error(`invalid ulimit type: ${name}`);
  const parts = text.slice(equals + 1).split(":");
  if (parts.length > 2)
    throw new Error(`too many limit value arguments - ${text.slice(equals + 1)}, can only have up to two, \`soft[:hard]\``);
  const [soft = 0, hard = soft] = parts.map(parseLimit);
  if (hard !== -1 && (soft === -1 || soft > hard))
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { Name: name, Hard: hard, Soft: soft };
}

function parseLimit(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
